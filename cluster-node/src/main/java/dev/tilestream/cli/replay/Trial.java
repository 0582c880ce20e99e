package dev.tilestream.cli.replay;

import dev.tilestream.cli.experiment.Column;
import dev.tilestream.cli.experiment.ExperimentResult.Sample;
import dev.tilestream.client.Wanted;
import dev.tilestream.graph.Horizon;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** One way to run a model in one experiment. */
final class Trial {
  final Column column;
  final ReplayModel model;
  private final String objective;
  final List<Sample> samples = new ArrayList<>();
  /** What each took besides, over HTTP: mostly the input's way into the node. */
  final List<Double> httpMillis = new ArrayList<>();
  /** What was predicted of each when it was sent. */
  final List<Double> predictedMillis = new ArrayList<>();

  /** @param objective as requests name it */
  Trial(Column column, ReplayModel model, String objective) {
    this.column = column;
    this.model = model;
    this.objective = objective;
  }

  /** Lets so many count, evenly spread over all. */
  void keep(int count) {
    for (List<?> all : List.of(samples, httpMillis, predictedMillis)) thin(all, count);
  }

  private static <T> void thin(List<T> all, int count) {
    if (all.size() <= count) return;
    List<T> kept = IntStream.range(0, count).mapToObj(i -> all.get((int) ((i + 0.5) * all.size() / count))).toList();
    all.clear();
    all.addAll(kept);
  }

  Wanted wanted() {
    OptionalInt halo = column.halo() == Horizon.UNLIMITED ? OptionalInt.empty() : OptionalInt.of(column.halo());
    return new Wanted(Optional.of(column.strategy().word()), halo, Optional.of(objective), true);
  }
}
