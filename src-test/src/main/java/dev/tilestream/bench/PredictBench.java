package dev.tilestream.bench;

import dev.tilestream.cli.client.NodeClient;
import dev.tilestream.cli.client.RemoteAnswer;
import dev.tilestream.cli.client.TensorBytes;
import dev.tilestream.fleet.Tensors;
import dev.tilestream.fleet.TestFleet;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.plan.Strategy;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What nodes predict against what they then take: fleets of real processes, one edge and two slowed robots, over links of several rates,
 * asked at the first robot. Strategies take turns, so that whatever else this machine does hits all alike.
 */
final class PredictBench {
  private static final long INPUT_SEED = 1;

  private final Options options;
  private final PrintWriter progress;

  /**
   * @param rates as {@code fleet --rate} takes them
   * @param warmUps runs of each strategy before, from which nodes learn what their tiles really take
   * @param runs timed ones of each strategy
   * @param robotSpeed relative to this machine
   * @param edgeSpeed likewise: at half of it, three lanes do not fight for two processors
   * @param cache where the networks' files are
   */
  record Options(List<Zoo> models, List<String> rates, List<Strategy> strategies, int warmUps, int runs, double robotSpeed, double edgeSpeed, Path cache) {
    Options {
      models = List.copyOf(models);
      rates = List.copyOf(rates);
      strategies = List.copyOf(strategies);
    }
  }

  PredictBench(Options options, PrintWriter progress) {
    this.options = options;
    this.progress = progress;
  }

  List<PredictResult> run(Path directory) throws IOException, InterruptedException {
    TestRepository repository = new TestRepository(Files.createDirectories(directory.resolve("repository")));
    for (Zoo zoo : options.models()) repository.put(zoo.word(), zoo.file(options.cache()));
    List<PredictResult> results = new ArrayList<>();
    for (String rate : options.rates()) {
      Path logs = Files.createDirectories(directory.resolve("fleet-" + rate));
      String[] emulated = {
        "--rate", rate, "--delay", "1ms", "--robot-speed", "" + options.robotSpeed(), "--edge-speed", "" + options.edgeSpeed()
      };
      try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), logs, emulated)) {
        for (Zoo zoo : options.models()) results.addAll(measure(zoo, repository.file(zoo.word()), rate, fleet.node(0).client()));
      }
    }
    return results;
  }

  private List<PredictResult> measure(Zoo zoo, Path file, String rate, NodeClient robot) throws InterruptedException {
    say("%s at %s", zoo.word(), rate);
    List<TensorBytes> input;
    try (Oracle oracle = Oracle.of(file, 1)) {
      input = Tensors.request(oracle.randomInputs(INPUT_SEED));
    }
    robot.load(zoo.word());
    List<Trial> trials = options.strategies().stream().map(Trial::new).toList();
    for (int run = -options.warmUps(); run < options.runs(); run++)
      for (Trial trial : trials) {
        RemoteAnswer answer = robot.infer(zoo.word(), input, Optional.of(trial.strategy.word()));
        if (run >= 0) trial.answers.add(answer);
      }
    robot.unload(zoo.word());
    return trials.stream().map(t -> t.result(zoo.word(), rate)).toList();
  }

  private record Trial(Strategy strategy, List<RemoteAnswer> answers) {
    Trial(Strategy strategy) {
      this(strategy, new ArrayList<>());
    }

    PredictResult result(String model, String rate) {
      double[] measured = sorted(answers.stream().mapToDouble(RemoteAnswer::latencyMillis).toArray());
      double[] predicted = sorted(answers.stream().mapToDouble(RemoteAnswer::predictedMillis).toArray());
      List<String> devices = answers.stream().flatMap(a -> a.devices().stream()).distinct().sorted().toList();
      return new PredictResult(
          model, rate, strategy.word(), devices, quantile(predicted, 0.5), quantile(measured, 0.5), quantile(measured, 0.95), answers.size());
    }
  }

  private static double[] sorted(double[] values) {
    Arrays.sort(values);
    return values;
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  private void say(String format, Object... arguments) {
    progress.printf(format + "%n", arguments);
    progress.flush();
  }
}
