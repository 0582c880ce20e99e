package dev.tilestream.bench;

import dev.tilestream.plan.Strategy;
import dev.tilestream.zoo.SharedData;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./tilestream bench live}. */
@Command(
    name = "live",
    description = "Strategies side by side with real kernels: one edge and two slowed robots as processes on this machine.",
    mixinStandardHelpOptions = true)
final class LiveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--models", split = ",", description = "Networks of the zoo (default: all that are available).")
  private List<String> models;

  @Option(names = "--rates", split = ",", defaultValue = "93mbit,40mbit,10mbit", description = "Of the links (default: ${DEFAULT-VALUE}).")
  private List<String> rates;

  @Option(names = "--strategies", split = ",", defaultValue = "local,offload,layer,even,hybrid",
      description = "hybrid among them (default: ${DEFAULT-VALUE}).")
  private List<String> strategies;

  @Option(names = "--runs", defaultValue = "15", description = "Timed runs of each strategy (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(names = "--robot-speed", defaultValue = "0.1", description = "Relative to this machine (default: ${DEFAULT-VALUE}).")
  private double robotSpeed;

  @Option(names = "--cache", description = "Directory for the networks' files (default: tilestream-zoo among temporary files).")
  private Path cache = Zoo.defaultCache();

  @Option(names = "--logs", description = "Keep the nodes' logs there.")
  private Path logs;

  @Option(names = "--json", description = "Print JSON alone on standard output.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    LiveBench.Options options = options();
    Path directory = logs != null ? Files.createDirectories(logs) : Files.createTempDirectory("tilestream-live-");
    try {
      List<LiveResult> results = new LiveBench(options, spec.commandLine().getErr()).run(directory);
      spec.commandLine().getOut().print(json ? LiveResult.json(results) : LiveResult.table(results));
      spec.commandLine().getOut().flush();
      return 0;
    } finally {
      if (logs == null) delete(directory);
    }
  }

  private LiveBench.Options options() {
    if (runs < 1) throw wrong("--runs %d (expected: at least 1)".formatted(runs));
    if (!strategies.contains("hybrid") || strategies.size() < 2)
      throw wrong("--strategies %s (expected: hybrid and another)".formatted(strategies));
    try {
      List<Zoo> zoo = models == null ? List.of(Zoo.values()) : models.stream().map(Zoo::of).toList();
      for (Zoo z : zoo) if (!z.available()) spec.commandLine().getErr().println(z.word() + ": left out: " + SharedData.absence());
      return new LiveBench.Options(
          zoo.stream().filter(Zoo::available).toList(), rates, strategies.stream().map(Strategy::of).toList(), runs, robotSpeed, cache);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).forEach(file -> {
        try {
          Files.delete(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
