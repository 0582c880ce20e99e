package dev.tilestream.bench;

import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.fault.FaultKind;
import dev.tilestream.fault.FaultOutcome;
import dev.tilestream.fault.FaultTrial;
import dev.tilestream.tile.RateTrace;
import dev.tilestream.zoo.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./tilestream bench faults}. */
@Command(
    name = "faults",
    description = "What becomes of requests when nodes die or stand still and the air fails: one edge and two slowed robots as processes.",
    mixinStandardHelpOptions = true)
final class FaultsCommand implements Callable<Integer> {
  private static final String TRACE = "trace";

  @Mixin private FaultOptions fleet;

  @Option(
      names = {"--faults", "--fault"}, split = ",", defaultValue = "kill,blackhole,outage,partition,pause",
      description = "Any of kill, blackhole, outage, partition, pause; split and mute, which are partition and blackhole for 45 s; and trace: a rate with"
          + " outages instead (default: ${DEFAULT-VALUE}).")
  private List<String> faults;

  @Option(names = "--times", defaultValue = "20", description = "Faults of each kind (default: ${DEFAULT-VALUE}).")
  private int times;

  @Option(
      names = "--margin", defaultValue = "500ms",
      description = "What an answer may take longer than the source alone, to be within the bound (default: ${DEFAULT-VALUE}).")
  private String margin;

  @Option(
      names = "--recovery", defaultValue = "15s",
      description = "How long a fault waits for its victim to compute for the source again, at most (default: ${DEFAULT-VALUE}).")
  private String recovery;

  @Option(names = "--trace", description = "CSV of t_s,mbit_s for trace (default: outdoors-outages.csv of the shared test data).")
  private Path trace;

  @Option(names = "--seconds", description = "Of the trace (default: all of it).")
  private Double seconds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (times < 1) throw fleet.wrong("--times %d (expected: at least 1)".formatted(times));
    Duration mayTakeLonger = fleet.duration("--margin", margin);
    Duration patience = fleet.duration("--recovery", recovery);
    List<FaultKind> kinds = kinds();
    Optional<Path> file = faults.contains(TRACE) ? Optional.of(trace()) : Optional.empty();
    fleet.check();
    try (ScratchDirectory scratch = fleet.logs().isPresent() ? null : ScratchDirectory.create("tilestream-bench-")) {
      Path directory = fleet.logs().isPresent() ? Files.createDirectories(fleet.logs().get()) : scratch.path();
      List<FaultOutcome> outcomes = new ArrayList<>();
      for (FaultKind kind : kinds) outcomes.add(measure(kind, mayTakeLonger, patience, directory.resolve(kind.word())));
      Optional<TraceResult> traced = file.isPresent() ? Optional.of(follow(file.get(), directory.resolve(TRACE))) : Optional.empty();
      fleet.print(fleet.json() ? FaultReport.json(outcomes, traced) : FaultReport.table(outcomes, traced));
      return outcomes.stream().allMatch(FaultOutcome::good) && traced.map(TraceResult::good).orElse(true) ? 0 : 1;
    }
  }

  private FaultOutcome measure(FaultKind kind, Duration margin, Duration recovery, Path directory) throws IOException, InterruptedException {
    return fleet.with(directory, fleet.air(), Optional.of(kind), (ground, nodes, questions) -> {
      FaultTrial trial = new FaultTrial(
          questions, fleet.strategies(), fleet.clients(), margin, recovery, fleet.seed(), note -> fleet.progress().say("%s", note));
      FaultOutcome outcome = trial.run(ground, nodes, kind, times);
      outcome.why().forEach(why -> fleet.progress().say("%s: %s", kind.word(), why));
      return outcome;
    });
  }

  private TraceResult follow(Path file, Path directory) throws IOException, InterruptedException {
    TraceBench bench = new TraceBench(fleet);
    return bench.measure(file, seconds == null ? RateTrace.read(file).seconds() : seconds, directory);
  }

  private List<FaultKind> kinds() {
    try {
      return faults.stream().filter(word -> !word.equals(TRACE)).map(FaultKind::of).toList();
    } catch (IllegalArgumentException e) {
      throw fleet.wrong(e.getMessage().replace(")", " or " + TRACE + ")"));
    }
  }

  private Path trace() {
    if (seconds != null && !(seconds > 0)) throw fleet.wrong("--seconds %s (expected: above 0)".formatted(seconds));
    if (trace != null && Files.isRegularFile(trace)) return trace;
    if (trace != null) throw fleet.wrong("--trace: %s is not a file (expected: CSV of t_s,mbit_s)".formatted(trace));
    if (!SharedData.present()) throw fleet.wrong("--trace: " + SharedData.absence());
    return SharedData.path("jetson", "bandwidth", "outdoors-outages.csv");
  }
}
