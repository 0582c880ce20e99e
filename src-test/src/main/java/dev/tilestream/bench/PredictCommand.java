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

/** {@code ./tilestream bench predict}. */
@Command(
    name = "predict",
    description = "What plans were predicted to take against what they take: one edge and two slowed robots as processes on this machine.",
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--models", split = ",", defaultValue = "squeezenet,mobilenet-v2,resnet50,fastestdet",
      description = "Networks of the zoo (default: ${DEFAULT-VALUE}).")
  private List<String> models;

  @Option(names = "--rates", split = ",", defaultValue = "93mbit,40mbit,10mbit", description = "Of the links (default: ${DEFAULT-VALUE}).")
  private List<String> rates;

  @Option(names = "--strategies", split = ",", defaultValue = "local,offload,layer,even,hybrid", description = "(default: ${DEFAULT-VALUE}).")
  private List<String> strategies;

  @Option(names = "--runs", defaultValue = "9", description = "Timed runs of each strategy (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(names = "--warm-ups", defaultValue = "12", description = "Runs of each strategy before, for nodes to learn (default: ${DEFAULT-VALUE}).")
  private int warmUps;

  @Option(names = "--robot-speed", defaultValue = "0.05", description = "Relative to this machine (default: ${DEFAULT-VALUE}).")
  private double robotSpeed;

  @Option(
      names = "--edge-speed", defaultValue = "0.5",
      description = "Likewise; below 1, so that the processes do not fight for processors (default: ${DEFAULT-VALUE}).")
  private double edgeSpeed;

  @Option(names = "--cache", description = "Directory for the networks' files (default: tilestream-zoo among temporary files).")
  private Path cache = Zoo.defaultCache();

  @Option(names = "--logs", description = "Keep the nodes' logs there.")
  private Path logs;

  @Option(names = "--json", description = "Print JSON alone on standard output.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PredictBench.Options options = options();
    Path directory = logs != null ? Files.createDirectories(logs) : Files.createTempDirectory("tilestream-predict-");
    try {
      List<PredictResult> results = new PredictBench(options, spec.commandLine().getErr()).run(directory);
      spec.commandLine().getOut().print(json ? PredictResult.json(results) : PredictResult.table(results));
      spec.commandLine().getOut().flush();
      return 0;
    } finally {
      if (logs == null) delete(directory);
    }
  }

  private PredictBench.Options options() {
    if (runs < 1 || warmUps < 0) throw wrong("--runs %d --warm-ups %d (expected: at least 1 and 0)".formatted(runs, warmUps));
    try {
      List<Zoo> zoo = models.stream().map(Zoo::of).toList();
      for (Zoo z : zoo) if (!z.available()) spec.commandLine().getErr().println(z.word() + ": left out: " + SharedData.absence());
      return new PredictBench.Options(
          zoo.stream().filter(Zoo::available).toList(), rates, strategies.stream().map(Strategy::of).toList(), warmUps, runs,
          robotSpeed, edgeSpeed, cache);
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
