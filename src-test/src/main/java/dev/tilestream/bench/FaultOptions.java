package dev.tilestream.bench;

import dev.tilestream.cli.Durations;
import dev.tilestream.cli.LinkRate;
import dev.tilestream.fault.Air;
import dev.tilestream.fault.FaultKind;
import dev.tilestream.fault.FaultyFleet;
import dev.tilestream.fault.Ground;
import dev.tilestream.fault.Grounds;
import dev.tilestream.fault.LabGround;
import dev.tilestream.fault.Questions;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.plan.Strategy;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What benches of faults can all be asked for: the fleet, its load, and where it stands. */
final class FaultOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--model", defaultValue = "squeezenet", description = "A network of the zoo (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(names = "--strategies", split = ",", defaultValue = "hybrid", description = "Requests take turns by them (default: ${DEFAULT-VALUE}).")
  private List<String> strategies;

  @Option(names = "--clients", defaultValue = "3", description = "Requests at once (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(names = "--rate", defaultValue = "93mbit", description = "Of the air, or of each link where it is emulated (default: ${DEFAULT-VALUE}).")
  private String rate;

  @Option(names = "--robot-speed", defaultValue = "0.1", description = "Relative to this machine (default: ${DEFAULT-VALUE}).")
  private double robotSpeed;

  @Option(names = "--edge-speed", defaultValue = "1", description = "Likewise (default: ${DEFAULT-VALUE}).")
  private double edgeSpeed;

  @Option(names = "--ground", defaultValue = "auto", description = "lab, emulated, or auto: lab where it can be (default: ${DEFAULT-VALUE}).")
  private String ground;

  @Option(names = "--seed", description = "Of the moments and the victims (default: another each time).")
  private Long seed;

  @Option(names = "--cache", description = "Directory for the networks' files (default: tilestream-zoo among temporary files).")
  private Path cache = Zoo.defaultCache();

  @Option(names = "--logs", description = "Keep the nodes' logs there, and what each request took.")
  private Path logs;

  @Option(names = "--json", description = "Print JSON alone on standard output.")
  private boolean json;

  private Grounds grounds;

  /** Refuses what cannot be, and says where fleets will stand. */
  void check() {
    if (clients < 1) throw wrong("--clients %d (expected: at least 1)".formatted(clients));
    if (!(robotSpeed > 0 && robotSpeed <= 1 && edgeSpeed > 0 && edgeSpeed <= 1))
      throw wrong("--robot-speed %s --edge-speed %s (expected: above 0, at most 1)".formatted(robotSpeed, edgeSpeed));
    try {
      strategies.forEach(Strategy::of);
      Zoo.of(model);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
    air();
    if (!List.of("auto", "lab", "emulated").contains(ground))
      throw wrong("--ground %s (expected: lab, emulated or auto)".formatted(ground));
    if (seed == null) seed = System.nanoTime();
    Optional<String> absence = ground.equals("emulated") ? Optional.empty() : LabGround.absence();
    if (ground.equals("lab") && absence.isPresent()) throw wrong("--ground lab: " + absence.get());
    grounds = ground.equals("emulated") || absence.isPresent() ? Grounds.EMULATED : Grounds.LAB;
    absence.ifPresent(why -> progress().say("emulated links: %s", why));
    progress().say("%s, seed %d", grounds == Grounds.LAB ? "wifi-lab" : "emulated links", seed);
  }

  Air air() {
    try {
      return Air.steady(LinkRate.parse(rate));
    } catch (RuntimeException e) {
      throw wrong("--rate: " + e.getMessage());
    }
  }

  /** A fleet that stands somewhere. */
  interface Trial<R> {
    R on(Ground ground, FaultyFleet fleet, Questions questions) throws IOException, InterruptedException;
  }

  /**
   * Starts a fleet of its own for a trial, and leaves nothing of it.
   *
   * @param scratch where its files go
   * @param faults of what kind they will be, where the air has to know
   */
  <R> R with(Path scratch, Air air, Optional<FaultKind> faults, Trial<R> trial) throws IOException, InterruptedException {
    TestRepository repository = new TestRepository(Files.createDirectories(scratch.resolve("repository")));
    repository.put(model, Zoo.of(model).file(cache));
    Questions questions = Questions.of(model, repository.file(model));
    try (Ground here = grounds.open(air, faults, seed, scratch);
        FaultyFleet fleet = FaultyFleet.start(here, repository.directory(), robotSpeed, edgeSpeed, scratch)) {
      return trial.on(here, fleet, questions);
    }
  }

  List<String> strategies() {
    return strategies;
  }

  int clients() {
    return clients;
  }

  long seed() {
    return seed;
  }

  Optional<Path> logs() {
    return Optional.ofNullable(logs);
  }

  boolean json() {
    return json;
  }

  ProgressLines progress() {
    return new ProgressLines(spec.commandLine().getErr());
  }

  void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  /** @param written as users write it: 500ms */
  Duration duration(String option, String written) {
    try {
      return Durations.parse(written);
    } catch (RuntimeException e) {
      throw wrong(option + ": " + e.getMessage());
    }
  }

  /** Wrong usage, to be thrown. */
  ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
