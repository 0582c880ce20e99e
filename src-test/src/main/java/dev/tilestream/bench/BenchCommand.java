package dev.tilestream.bench;

import dev.tilestream.bench.link.LinkCommand;
import dev.tilestream.zoo.SharedData;
import dev.tilestream.zoo.Zoo;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./tilestream bench}. Exit status: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "tilestream bench",
    description = "Measures this machine, and what it withstands.",
    mixinStandardHelpOptions = true,
    subcommands = {
        BenchCommand.Local.class, PlanCommand.class, PredictCommand.class, LiveCommand.class, LinkCommand.class, OverloadCommand.class,
        StepsCommand.class, FaultsCommand.class, SoakCommand.class, FuzzCommand.class})
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BenchCommand()).execute(arguments));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command (expected: local, live, link, overload, plan, steps, choose, predict, simulate, codec, faults, soak or fuzz)");
  }

  @Command(name = "codec", description = "Bytes per second of the wire format, encoded and decoded.", mixinStandardHelpOptions = true)
  void codec() throws RunnerException {
    CodecBenchmark.main(new String[0]);
  }

  @Command(
      name = "simulate",
      description = "Microseconds to judge one plan: receptive fields, routes, and the simulation itself.",
      mixinStandardHelpOptions = true)
  void simulate() throws RunnerException {
    SimulateBenchmark.main(new String[0]);
  }

  @Command(name = "choose", description = "Microseconds to choose a plan at a request.", mixinStandardHelpOptions = true)
  void choose() throws RunnerException {
    ChoiceBenchmark.main(new String[0]);
  }

  @Command(
      name = "local",
      description = "One device through the whole tile machinery against plain ONNX Runtime with the same threads, alternating.",
      mixinStandardHelpOptions = true)
  static final class Local implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--threads", defaultValue = "1", description = "Threads that one kernel computes with (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--models", split = ",", description = "Networks of the zoo (default: all that are available).")
    private List<String> models;

    @Option(names = "--runs", defaultValue = "30", description = "Timed runs of each side (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--cache", description = "Directory for the networks' files (default: tilestream-zoo among temporary files).")
    private Path cache = Zoo.defaultCache();

    @Option(names = "--json", description = "Print JSON alone on standard output.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
      if (threads < 1 || runs < 1) throw wrong("--threads %d --runs %d (expected: at least 1)".formatted(threads, runs));
      LocalBench bench = new LocalBench(threads, runs, cache, new ProgressLines(spec.commandLine().getErr()));
      List<LocalResult> results = bench.run(chosen());
      spec.commandLine().getOut().print(json ? LocalResult.json(results) : LocalResult.table(results));
      spec.commandLine().getOut().flush();
      return results.stream().allMatch(LocalResult::correct) ? 0 : 1;
    }

    private List<Zoo> chosen() {
      if (models == null) return Zoo.available(List.of(Zoo.values()), spec.commandLine().getErr()::println);
      try {
        List<Zoo> named = models.stream().map(Zoo::of).toList();
        for (Zoo zoo : named) if (!zoo.available()) throw wrong(zoo.word() + ": " + SharedData.absence());
        return named;
      } catch (IllegalArgumentException e) {
        throw wrong(e.getMessage());
      }
    }

    private ParameterException wrong(String what) {
      return new ParameterException(spec.commandLine(), what);
    }
  }
}
