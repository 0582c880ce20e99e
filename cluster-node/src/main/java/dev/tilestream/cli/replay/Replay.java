package dev.tilestream.cli.replay;

import dev.tilestream.cli.experiment.Column;
import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentOptions;
import dev.tilestream.cli.experiment.ExperimentResult;
import dev.tilestream.scheduler.logged.PublishedFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** What one experiment replays. */
public final class Replay {
  private final Experiment experiment;
  private final List<Column> columns;
  private final ReplayModel plain;
  private final ReplayModel bytes;
  private final PublishedFigures published;
  private final OptionalInt inferences;
  private final String objective;

  private Replay(Experiment experiment, ExperimentOptions options) {
    this.experiment = experiment;
    published = options.files().published();
    inferences = options.inferences();
    objective = options.objective().text();
    plain = ReplayModel.of(experiment, false);
    bytes = ReplayModel.of(experiment, true);
    columns = options.columns(bytes.differs());
  }

  /** What came out; {@code overheads} are lines of text about predictions and HTTP. */
  public record Outcome(List<ExperimentResult> results, List<String> overheads) {}

  /** @throws dev.tilestream.graph.logged.ProfileRefused when the profile cannot be replayed */
  public static Replay of(Experiment experiment, ExperimentOptions options) {
    return new Replay(experiment, options);
  }

  public String name() {
    return experiment.profileName() + ", " + experiment.traceName();
  }

  /** Strategies to be measured. */
  public long steps() {
    return columns.size();
  }

  /**
   * Starts a fleet, runs and stops it.
   *
   * @param launcher the program, as a user calls it
   * @param scratch an empty directory
   */
  public Outcome run(Path launcher, Path scratch, Consumer<String> notes, Runnable step) throws IOException, InterruptedException {
    List<Trial> trials = columns.stream().map(c -> new Trial(c, c.uint8() ? bytes : plain, objective)).toList();
    ReplayRun run = new ReplayRun(experiment, trials, published, launcher, scratch, notes, step);
    return new Outcome(run.run(inferences), run.overheads());
  }
}
