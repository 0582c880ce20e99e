package dev.tilestream.cli;

import dev.tilestream.cli.demo.DemoReport;
import dev.tilestream.cli.demo.DemoScenario;
import dev.tilestream.cli.demo.StrategyTrial;
import dev.tilestream.cli.demo.WholeModel;
import dev.tilestream.cli.fleet.FleetPlan;
import dev.tilestream.cli.fleet.LocalFleet;
import dev.tilestream.cli.fleet.NodeProcess;
import dev.tilestream.client.Credentials;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.plan.Strategy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A fleet on this machine, a real input, every strategy side by side. */
@Command(
    name = "demo",
    description = "Starts one edge and two slowed robots, runs a network by every strategy, and compares.",
    mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream demo",
      "  tilestream demo --model model.onnx --picture photo.jpg",
      "  tilestream demo --once --rate 10mbit"})
final class DemoCommand implements Callable<Integer> {
  private static final List<Strategy> STRATEGIES = List.of(Strategy.values());
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int WARM_UPS = 3;
  /** Planning takes processors that the emulated devices share. */
  private static final Duration SETTLING = Duration.ofSeconds(40);
  private static final int ROBOTS = 2;
  private static final int EDGES = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model", paramLabel = "X.onnx",
      description = "A model with one picture input; a config.json beside it is obeyed. Default: the project's own.")
  private Path model;

  @Option(names = "--picture", paramLabel = "Y.jpg", description = "JPEG or PNG, for --model.")
  private Path picture;

  @Option(
      names = "--requests", paramLabel = "N", defaultValue = "20",
      description = "Inferences measured of each strategy. Default: ${DEFAULT-VALUE}.")
  private int requests;

  @Option(names = "--rate", paramLabel = "RATE", defaultValue = "93mbit", description = "Of the links. Default: ${DEFAULT-VALUE}.")
  private LinkRate rate;

  @Option(names = "--delay", paramLabel = "TIME", defaultValue = "1ms", description = "Of the links, one way. Default: ${DEFAULT-VALUE}.")
  private Duration delay;

  @Option(
      names = "--robot-speed", paramLabel = "F", defaultValue = "0.1",
      description = "A robot's speed relative to this machine. Default: ${DEFAULT-VALUE}.")
  private double robotSpeed;

  @Option(
      names = "--config", paramLabel = "FILE",
      description = "More settings for every node (HOCON), such as certificates and tokens; see docs/SECURITY.md.")
  private Path config;

  @Mixin private CredentialOptions credentials;

  @Option(names = "--once", description = "End after the table. Default: stay up until Ctrl-C.")
  private boolean once;

  @Option(names = "--json", description = "Print the table as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if ((model == null) != (picture == null)) throw wrong("--model and --picture belong together");
    if (requests < 1) throw wrong("--requests: %d (expected: at least 1)".formatted(requests));
    for (Path file : new Path[] {model, picture, config})
      if (file != null && !Files.isRegularFile(file)) throw wrong("%s: no such file".formatted(file));
    Credentials shown = credentials.credentials();
    PrintWriter err = spec.commandLine().getErr();
    try (ScratchDirectory scratch = ScratchDirectory.create("tilestream-demo-");
        Progress progress = Progress.to(err, json, 2L + ROBOTS + EDGES + (long) STRATEGIES.size() * (WARM_UPS + requests))) {
      progress.step("network and picture");
      DemoScenario scenario = scenario(scratch.path());
      progress.done();
      try (LocalFleet fleet = LocalFleet.start(plan(scenario), Launcher.path(), scratch.path(), progress::note)) {
        Thread stop = new Thread(() -> {
          fleet.close();
          scratch.close();
        }, "stop-demo");
        Runtime.getRuntime().addShutdownHook(stop);
        return run(scenario, fleet, shown, progress);
      }
    }
  }

  private int run(DemoScenario scenario, LocalFleet fleet, Credentials shown, Progress progress) throws InterruptedException {
    progress.step("starting %d nodes".formatted(fleet.nodes().size()));
    fleet.awaitReady(PATIENCE, shown, node -> progress.done());
    NodeProcess first = fleet.nodes().get(0);
    NodeClient robot = new NodeClient(first.member().http(), shown);
    DemoReport report;
    try {
      progress.step("loading " + scenario.model());
      robot.load(scenario.model());
      progress.done();
      report = new DemoReport(measure(scenario, robot, progress).stream().map(StrategyTrial::result).toList());
    } catch (NodeFailure e) {
      throw new CommandFailed(e.getMessage(), e);
    }
    progress.close();
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? report.json() : heading(scenario, fleet) + report.table());
    out.flush();
    Optional<String> fault = report.fault();
    if (fault.isPresent()) throw new CommandFailed(fault.get());
    if (!once) {
      spec.commandLine().getErr().println("%s serves at %s until Ctrl-C".formatted(first.name(), first.member().http()));
      fleet.awaitEnd();
    }
    return 0;
  }

  /** Alternating, so that whatever else this machine does hits all strategies alike. */
  private List<StrategyTrial> measure(DemoScenario scenario, NodeClient robot, Progress progress) throws InterruptedException {
    Map<String, TensorBytes> expected;
    try (WholeModel whole = WholeModel.open(scenario.modelFile())) {
      expected = whole.run(scenario.input());
    }
    List<StrategyTrial> trials = STRATEGIES.stream().map(s -> new StrategyTrial(s.word())).toList();
    List<TensorBytes> input = List.of(scenario.pixels());
    progress.step("warming up");
    for (int round = 0; round < WARM_UPS; round++)
      for (StrategyTrial trial : trials) {
        trial.warmUp(robot.infer(scenario.model(), input, Optional.of(trial.strategy())), expected);
        progress.done();
      }
    progress.step("planning");
    long end = System.nanoTime() + SETTLING.toNanos();
    while (!robot.settled(scenario.model()) && System.nanoTime() - end < 0)
      for (StrategyTrial trial : trials) trial.warmUp(robot.infer(scenario.model(), input, Optional.of(trial.strategy())), expected);
    progress.step("measuring");
    for (int round = 0; round < requests; round++)
      for (StrategyTrial trial : trials) {
        long start = System.nanoTime();
        RemoteAnswer answer = robot.infer(scenario.model(), input, Optional.of(trial.strategy()));
        trial.add((System.nanoTime() - start) / 1e6, answer, expected);
        progress.done();
      }
    return trials;
  }

  private DemoScenario scenario(Path directory) throws IOException {
    if (model == null) return DemoScenario.own(directory);
    String name = model.getFileName().toString().replaceFirst("\\.onnx$", "").replaceAll("[^A-Za-z0-9._-]", "-");
    return DemoScenario.of(directory, name, model, picture);
  }

  private FleetPlan plan(DemoScenario scenario) {
    try {
      return new FleetPlan(
          ROBOTS, EDGES, scenario.repository(), "127.0.0.1", 0, 0, robotSpeed, 1, Optional.of(rate), delay, false,
          Optional.ofNullable(config));
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private String heading(DemoScenario scenario, LocalFleet fleet) {
    return "%s, input %s %s, asked at %s; robots at %s of this machine's speed, links %s and %s each way%n%n".formatted(
        scenario.model(), scenario.pixels().type().protocolName(), scenario.pixels().shape(), fleet.nodes().get(0).name(),
        Double.toString(robotSpeed), rate, delay.toNanos() / 1e6 + " ms");
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
