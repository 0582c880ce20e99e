package dev.tilestream.bench;

import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.plan.Strategy;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./tilestream bench overload}. */
@Command(
    name = "overload",
    description = "A slowed robot beside an edge, as processes on this machine, asked for many times what they can do.",
    mixinStandardHelpOptions = true)
final class OverloadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", defaultValue = "squeezenet", description = "Network of the zoo (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(names = "--strategy", defaultValue = "hybrid", description = "(default: ${DEFAULT-VALUE}).")
  private String strategy;

  @Option(names = "--factor", defaultValue = "10", description = "Times the peak that is asked for (default: ${DEFAULT-VALUE}).")
  private double factor;

  @Option(names = "--seconds", defaultValue = "60", description = "That each overload lasts (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--step", defaultValue = "10", description = "Seconds of each try for the peak (default: ${DEFAULT-VALUE}).")
  private int step;

  @Option(names = "--rate", defaultValue = "93mbit", description = "Of the links (default: ${DEFAULT-VALUE}).")
  private String rate;

  @Option(names = "--robot-speed", defaultValue = "0.05", description = "Relative to this machine (default: ${DEFAULT-VALUE}).")
  private double robotSpeed;

  @Option(names = "--edge-speed", defaultValue = "0.15", description = "Likewise (default: ${DEFAULT-VALUE}).")
  private double edgeSpeed;

  @Option(names = "--cache", description = "Directory for the networks' files (default: tilestream-zoo among temporary files).")
  private Path cache = Zoo.defaultCache();

  @Option(names = "--logs", description = "Keep the nodes' logs there.")
  private Path logs;

  @Option(names = "--json", description = "Print JSON alone on standard output.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 1 || step < 1 || !(factor > 1))
      throw wrong("--seconds %d --step %d --factor %s (expected: at least 1, 1, above 1)".formatted(seconds, step, factor));
    OverloadBench bench = bench();
    try (ScratchDirectory scratch = logs == null ? ScratchDirectory.create("tilestream-bench-") : null) {
      OverloadResult result = bench.measure(
          scratch == null ? Files.createDirectories(logs) : scratch.path(), new ProgressLines(spec.commandLine().getErr()));
      spec.commandLine().getOut().print(json ? result.json() : result.table());
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  private OverloadBench bench() {
    try {
      List<String> fleet = List.of("--rate", rate, "--delay", "1ms", "--robot-speed", "" + robotSpeed, "--edge-speed", "" + edgeSpeed);
      return new OverloadBench(Zoo.of(model), Strategy.of(strategy).word(), factor, seconds, step, fleet, cache);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
