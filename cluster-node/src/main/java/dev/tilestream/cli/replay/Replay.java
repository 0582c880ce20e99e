package dev.tilestream.cli.replay;

import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentOptions;
import dev.tilestream.cli.experiment.ExperimentResult;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.logged.PublishedFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What one experiment replays. */
public final class Replay {
  private final Experiment experiment;
  private final List<ReplayModel> models;
  private final Set<Strategy> strategies;
  private final PublishedFigures published;
  private final int inferences;

  private Replay(Experiment experiment, List<ReplayModel> models, Set<Strategy> strategies, PublishedFigures published, int inferences) {
    this.experiment = experiment;
    this.models = List.copyOf(models);
    this.strategies = strategies;
    this.published = published;
    this.inferences = inferences;
  }

  /** What came out; {@code overheads} are lines of text about predictions and HTTP. */
  public record Outcome(List<ExperimentResult> results, List<String> overheads) {}

  /** @throws dev.tilestream.graph.logged.ProfileRefused when the profile cannot be replayed */
  public static Replay of(Experiment experiment, ExperimentOptions options) {
    List<ReplayModel> models = new ArrayList<>();
    if (!options.uint8() || options.all()) models.add(ReplayModel.of(experiment, false));
    if (options.uint8()) {
      ReplayModel bytes = ReplayModel.of(experiment, true);
      if (bytes.differs() || models.isEmpty()) models.add(bytes);
    }
    Path published = options.files().published();
    return new Replay(
        experiment, models, options.strategies(), Files.isRegularFile(published) ? PublishedFigures.read(published) : PublishedFigures.NONE,
        options.inferences());
  }

  public String name() {
    return experiment.profileName() + ", " + experiment.traceName();
  }

  /** Inferences to be measured. */
  public long steps() {
    return (long) models.size() * strategies.size() * inferences;
  }

  /**
   * Starts a fleet, runs and stops it.
   *
   * @param launcher the program, as a user calls it
   * @param scratch an empty directory
   */
  public Outcome run(Path launcher, Path scratch, Consumer<String> notes, Runnable step) throws IOException, InterruptedException {
    ReplayRun run = new ReplayRun(experiment, models, strategies, published, launcher, scratch, notes, step);
    return new Outcome(run.run(inferences), run.overheads());
  }
}
