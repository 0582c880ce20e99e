package dev.tilestream.cli.simulate;

import dev.tilestream.cli.experiment.Column;
import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentResult;
import dev.tilestream.cli.experiment.ExperimentResult.Sample;
import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.graph.logged.LoggedModelReader;
import dev.tilestream.scheduler.logged.LoggedFleet;
import dev.tilestream.scheduler.logged.LoggedPower;
import dev.tilestream.scheduler.logged.PublishedFigures;
import dev.tilestream.scheduler.logged.RatedPlans;
import dev.tilestream.scheduler.logged.TraceWalk;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.profile.Medium;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** One model's walk through one trace, for every way to run it. */
public final class SimulatedExperiment {
  private final Experiment experiment;
  private final LoggedModel model;
  private final LoggedFleet plain;
  private final LoggedFleet bytes;
  private final PublishedFigures published;
  private final List<Column> columns;

  /**
   * What is asked of every experiment.
   *
   * @param devices of the fleet: a robot, a server, and helping robots
   * @param medium what their traffic takes turns on
   * @param columns ways to run a model, by whether it makes a difference that its input comes as bytes
   * @param inferences of which results are made; empty: all that the trace has time for
   */
  public record Setting(
      PublishedFigures published, int devices, Medium medium, Function<Boolean, List<Column>> columns, PlanOptions options,
      OptionalInt inferences) {}

  /** @throws dev.tilestream.graph.logged.ProfileRefused when no graph or no fleet can be made of the profile */
  public SimulatedExperiment(Experiment experiment, Setting setting) {
    this.experiment = experiment;
    this.published = setting.published;
    model = LoggedModelReader.read(experiment.profile());
    plain = fleet(false, setting);
    bytes = fleet(true, setting);
    columns = setting.columns.apply(!bytes.logged().graph().hash().equals(plain.logged().graph().hash()));
  }

  private LoggedFleet fleet(boolean uint8, Setting setting) {
    LoggedGraph logged = LoggedImporter.load(model, uint8);
    return LoggedFleet.of(logged, LoggedPower.robot(model, published), setting.devices, setting.medium);
  }

  public String name() {
    return experiment.profileName() + ", " + experiment.traceName();
  }

  /** Ways to run the model. */
  public int columns() {
    return columns.size();
  }

  /** Plans for, and walks through, one way. */
  public ExperimentResult run(int column, Setting setting) {
    Column c = columns.get(column);
    PlanOptions options = setting.options.withHalo(c.halo());
    double delay = experiment.delay().toNanos() / 1e9;
    RatedPlans plans = new RatedPlans(c.uint8() ? bytes : plain, delay, Planners.of(c.strategy()), options, experiment.trace().constant());
    List<Sample> samples = new ArrayList<>();
    for (TraceWalk.Step step : new TraceWalk(experiment.trace()).through(plans)) {
      double millis = step.simulation().latencySeconds() * 1e3;
      samples.add(new Sample(millis, step.simulation().sourceJoules(), step.simulation().bytesOverAir(), step.exact()));
    }
    return c.result(experiment, model, published, picked(samples, setting.inferences));
  }

  /** Evenly out of the walk, so that few stand for all. */
  private static List<Sample> picked(List<Sample> all, OptionalInt wanted) {
    if (wanted.isEmpty() || wanted.getAsInt() >= all.size()) return all;
    List<Sample> some = new ArrayList<>();
    for (int i = 0; i < wanted.getAsInt(); i++) some.add(all.get((int) ((long) i * all.size() / wanted.getAsInt())));
    return some;
  }
}
