package dev.tilestream.bench;

import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.plan.Strategy;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What benches on fleets of processes can all be asked for. */
abstract class FleetBenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--rates", split = ",", defaultValue = "93mbit,40mbit,10mbit", description = "Of the links (default: ${DEFAULT-VALUE}).")
  private List<String> rates;

  @Option(names = "--strategies", split = ",", defaultValue = "local,offload,layer,energy,even,hybrid", description = "(default: ${DEFAULT-VALUE}).")
  private List<String> strategies;

  @Option(names = "--cache", description = "Directory for the networks' files (default: tilestream-zoo among temporary files).")
  private Path cache = Zoo.defaultCache();

  @Option(names = "--logs", description = "Keep the nodes' logs there, with each inference in a requests.csv beside them.")
  private Path logs;

  @Option(names = "--json", description = "Print JSON alone on standard output.")
  private boolean json;

  /**
   * Measures and prints.
   *
   * @param models by their words, all when null; those that are not available are left out with a word
   */
  final <R> int run(
      List<String> models, double robotSpeed, double edgeSpeed, FleetBench.Measurement<R> measurement, Function<List<R>, String> table,
      Function<List<R>, String> document) throws IOException, InterruptedException {
    FleetBench bench = new FleetBench(available(models), rates, robotSpeed, edgeSpeed, cache);
    try (ScratchDirectory scratch = logs == null ? ScratchDirectory.create("tilestream-bench-") : null) {
      List<R> results = bench.measure(scratch == null ? Files.createDirectories(logs) : scratch.path(), measurement);
      spec.commandLine().getOut().print((json ? document : table).apply(results));
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  private List<Zoo> available(List<String> models) {
    try {
      return Zoo.available(models == null ? List.of(Zoo.values()) : models.stream().map(Zoo::of).toList(), progress().to()::println);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  final List<Strategy> strategies() {
    try {
      return strategies.stream().map(Strategy::of).toList();
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  final ProgressLines progress() {
    return new ProgressLines(spec.commandLine().getErr());
  }

  /** Wrong usage, to be thrown. */
  final ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
