package dev.tilestream.cli.replay;

import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentResult;
import dev.tilestream.cli.experiment.ExperimentResult.Sample;
import dev.tilestream.cli.fleet.FleetPlan;
import dev.tilestream.cli.fleet.LocalFleet;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.logged.LoggedPower;
import dev.tilestream.scheduler.logged.PublishedFigures;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * One experiment on a fleet of its own: a robot that is asked and an edge. Each strategy in turn is asked for one inference after the
 * other, as a camera would, while the same windows of the trace pass once: all meet the same air, and good moments have more inferences
 * than poor ones.
 */
final class ReplayRun {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String ROBOT = "robot-1";
  private static final int WARM_UPS = 4;
  private static final int LEARNING = 20;
  /** The part of a trace that is replayed lasts as long as so many inferences of the robot alone, if nothing else is said. */
  private static final int LOCAL_INFERENCES = 15;
  /** Of what a trace that is too long is made shorter; long enough that most rates last as long as they did. */
  private static final double WINDOW_SECONDS = 2;
  private static final int LEAST_WINDOWS = 10;
  /** Of a rate that never changes, instead of windows. */
  private static final double STEADY_SECONDS = 10;
  /** Likewise before that: code is compiled, and plans are made and tried by then. */
  private static final double SETTLED_SECONDS = 25;

  /** More than outages explain. */
  private static final int MOST_FAILURES = 10;

  private final Experiment experiment;
  private final PublishedFigures published;
  private final Path launcher;
  private final Path scratch;
  private final Consumer<String> notes;
  private final Runnable step;
  private final List<Trial> trials;
  private final Power power;
  private int failures;

  /**
   * @param notes gets what is to be said besides results
   * @param step runs after each strategy
   */
  ReplayRun(
      Experiment experiment, List<Trial> trials, PublishedFigures published, Path launcher, Path scratch, Consumer<String> notes,
      Runnable step) {
    this.experiment = experiment;
    this.published = published;
    this.launcher = launcher;
    this.scratch = scratch;
    this.notes = notes;
    this.step = step;
    this.trials = List.copyOf(trials);
    power = LoggedPower.robot(trials.get(0).model.logged().log(), published);
  }

  /**
   * @param inferences of each strategy that count, evenly spread over those that went through the trace; empty: all of them
   * @throws NodeFailure when too much goes wrong
   */
  List<ExperimentResult> run(OptionalInt inferences) throws IOException, InterruptedException {
    Path repository = scratch.resolve("repository");
    for (ReplayModel model : models()) model.install(experiment.profile(), repository, power);
    RateTrace trace = windows(inferences.orElse(LOCAL_INFERENCES));
    long start = System.currentTimeMillis();
    FleetPlan plan = new FleetPlan(
        1, 1, repository, "127.0.0.1", 0, 0, 1, 1, Optional.empty(), experiment.delay(), false, Optional.of(config(trace, start)));
    try (LocalFleet fleet = LocalFleet.start(plan, launcher, scratch, notes)) {
      Thread stop = new Thread(fleet::close, "stop-replay");
      Runtime.getRuntime().addShutdownHook(stop);
      fleet.awaitReady(PATIENCE, node -> {});
      NodeClient robot = new NodeClient(fleet.nodes().get(0).member().http());
      for (ReplayModel model : models()) robot.load(model.name());
      acquaint(robot, trace);
      for (Trial trial : trials) {
        if (trial.column.strategy() == Strategy.HYBRID) learn(robot, trial, trace);
        warmUp(robot, trial);
        measure(robot, trial, inferences.orElse(LOCAL_INFERENCES), trace, start);
        inferences.ifPresent(trial::keep);
      }
      fleet.close();
      unhook(stop);
    }
    return trials.stream().filter(t -> !t.samples.isEmpty())
        .map(t -> t.column.result(experiment, t.model.logged().log(), published, t.samples))
        .toList();
  }

  private static void unhook(Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException ending) {
      // The hook runs already, and closing twice does nothing.
      return;
    }
  }

  private List<ReplayModel> models() {
    return trials.stream().map(t -> t.model).distinct().toList();
  }

  /** As much of the trace as so many local inferences take. */
  private RateTrace windows(int inferences) {
    double local = trials.get(0).model.logged().log().robotForwardMillis() / 1e3;
    int count = (int) Math.max(LEAST_WINDOWS, Math.ceil(inferences * local / WINDOW_SECONDS));
    return experiment.trace().windows(count, WINDOW_SECONDS);
  }

  private Path config(RateTrace trace, long startMillis) throws IOException {
    Path csv = scratch.resolve("trace.csv");
    trace.write(csv);
    return Files.writeString(scratch.resolve("replay.conf"), """
        tilestream.node.logged-models = on
        # What kernels leave in memory is nothing that was logged: how well it packs says nothing.
        tilestream.link.packing = off
        # Kernels wait for what plans expect, and a robot that has been in its air for longer than this has fine plans.
        tilestream.scheduler.planning { chunks = 32, margin = 0.01, effort = 16 }
        tilestream.link.emulated-trace { file = "%s", start-epoch-millis = %d }
        """.formatted(csv.toAbsolutePath().toString().replace("\\", "\\\\"), startMillis));
  }

  /** All strategies take turns while the windows pass once, so that their rates have plans: a robot is not new to its air. */
  private void acquaint(NodeClient robot, RateTrace trace) throws InterruptedException {
    long end = System.nanoTime() + learningNanos(trace);
    for (int i = 0; i < WARM_UPS || System.nanoTime() - end < 0; i++) for (Trial trial : trials) answer(robot, trial);
  }

  /**
   * hybrid tries plans that may be better than they promise; a robot that has been in its air for more than a minute has done so. Once through
   * the windows, at least so many.
   */
  private void learn(NodeClient robot, Trial trial, RateTrace trace) throws InterruptedException {
    long end = System.nanoTime() + learningNanos(trace);
    for (int i = 0; i < LEARNING || System.nanoTime() - end < 0; i++) answer(robot, trial);
  }

  private static long learningNanos(RateTrace trace) {
    return trace.constant() ? (long) (SETTLED_SECONDS * 1e9) : passNanos(trace);
  }

  /** Once through what is replayed. */
  private static long passNanos(RateTrace trace) {
    return (long) ((trace.constant() ? STEADY_SECONDS : trace.seconds()) * 1e9);
  }

  /** The rate of now is known. */
  private void warmUp(NodeClient robot, Trial trial) throws InterruptedException {
    for (int i = 0; i < WARM_UPS; i++) answer(robot, trial);
  }

  /** Once through the windows from wherever they are, and at least so many; what uses no air need not wait for it. */
  private void measure(NodeClient robot, Trial trial, int inferences, RateTrace trace, long startMillis) throws InterruptedException {
    long end = System.nanoTime() + (trial.column.strategy() == Strategy.LOCAL ? 0 : passNanos(trace));
    for (int i = 0; i < inferences || System.nanoTime() - end < 0; i++) {
      double at = (System.currentTimeMillis() - startMillis) / 1e3;
      long begin = System.nanoTime();
      answer(robot, trial).ifPresent(a -> note(trial, a, (System.nanoTime() - begin) / 1e6, trace, at));
    }
    step.run();
  }

  /** Empty, with a word, when it failed: an outage may explain some. */
  private Optional<RemoteAnswer> answer(NodeClient robot, Trial trial) throws InterruptedException {
    try {
      return Optional.of(robot.infer(trial.model.name(), trial.model.input(), trial.wanted()));
    } catch (NodeFailure e) {
      if (++failures > MOST_FAILURES) throw e;
      notes.accept("%s, %s: %s".formatted(experiment.profileName(), trial.column.name(), e.getMessage()));
      return Optional.empty();
    }
  }

  /** @param at second of the trace at which it was asked */
  private void note(Trial trial, RemoteAnswer answer, double httpMillis, RateTrace trace, double at) {
    double millis = answer.latencyMillis();
    double air = Math.min(millis / 1e3, trace.passed(at, answer.bytes()) - at);
    trial.samples.add(new Sample(millis, joules(millis / 1e3, answer.busyMillis(ROBOT) / 1e3, air), answer.bytes(), answer.exact()));
    trial.httpMillis.add(httpMillis - millis);
    trial.predictedMillis.add(answer.predictedMillis());
  }

  /** What the robot's board draws: idle all the time, more while its lane or its radio is busy. */
  private double joules(double seconds, double busy, double air) {
    double idle = power.idleWatts();
    double radio = Math.max(power.transmitWatts(), power.receiveWatts());
    return idle * seconds + (power.computeWatts() - idle) * Math.min(busy, seconds) + (radio - idle) * air;
  }

  /** How far the answers' own latency is from what was predicted, and from what the client waited: a line for each strategy. */
  List<String> overheads() {
    return trials.stream().filter(t -> !t.samples.isEmpty()).map(t -> String.format(
        Locale.ROOT, "%s %s %s: mean %.1f ms, predicted %.1f ms; over HTTP %.1f ms more", experiment.profileName(), experiment.traceName(),
        t.column.name(), mean(t.samples.stream().map(Sample::millis).toList()), mean(t.predictedMillis), mean(t.httpMillis)))
        .toList();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
