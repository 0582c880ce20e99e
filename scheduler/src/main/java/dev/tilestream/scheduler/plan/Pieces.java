package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.scheduler.profile.StageShare;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Bands of runs of stages, the last few thousand: neighbouring layouts of a search share most of theirs. Not thread-safe. */
final class Pieces {
  private static final int REMEMBERED = 4096;

  private record Key(int from, int to, List<Rows> outputs, Horizon horizon) {
    // As for RowSpan: a record's own ones are slow until they are compiled.
    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && from == k.from && to == k.to && outputs.equals(k.outputs) && horizon.equals(k.horizon);
    }

    @Override
    public int hashCode() {
      return (31 * from + to) * 31 + outputs.hashCode();
    }
  }

  /**
   * A run of stages on some rows: which stages have a part in it, its rows, and the {@link StageShare} of each of its stages. Equal to
   * itself alone, since what is worked out for it is remembered by it.
   */
  record Piece(List<Integer> stages, List<Rows> outputs, Band band, double[] shares) {
    @Override
    public boolean equals(Object o) {
      return this == o;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    static Piece of(List<Integer> stages, List<Rows> outputs, Band band) {
      return new Piece(stages, outputs, band, StageShare.of(stages, band));
    }
  }

  private final OperatorGraph graph;
  private final Map<Key, Piece> known = new Latest<>(REMEMBERED);

  Pieces(OperatorGraph graph) {
    this.graph = graph;
  }

  /** Stages {@code [from, to)} that have a part in {@code outputs}. */
  Piece of(int from, int to, List<Rows> outputs, Horizon horizon) {
    Key key = new Key(from, to, outputs, horizon);
    Piece piece = known.get(key);
    if (piece == null) {
      Band band = Band.of(graph, IntStream.range(from, to).boxed().toList(), outputs, horizon);
      piece = Piece.of(running(from, to, band), outputs, band);
      known.put(key, piece);
    }
    return piece;
  }

  private List<Integer> running(int from, int to, Band band) {
    BitSet runs = new BitSet(graph.operators().size());
    for (int o : band.operators()) runs.set(o);
    List<Integer> stages = new ArrayList<>(to - from);
    for (int s = from; s < to; s++) if (runs(runs, graph.stage(s))) stages.add(s);
    return List.copyOf(stages);
  }

  private static boolean runs(BitSet runs, Stage stage) {
    for (int o : stage.operators()) if (runs.get(o)) return true;
    return false;
  }
}
