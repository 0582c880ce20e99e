package dev.tilestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Strategies side by side with real kernels: fleets of real processes, one edge and two slowed robots, over links of several rates, asked
 * at the first robot. Strategies take turns within one run, so that whatever else this machine does hits all alike. Measured once all
 * plan tables are complete and what hybrid doubted has been tried.
 */
final class LiveBench {
  private static final int WARM_UPS = 24;
  private static final Duration SETTLING = Duration.ofSeconds(120);
  private static final long INPUT_SEED = 1;

  private final Options options;
  private final PrintWriter progress;

  /**
   * @param rates as {@code fleet --rate} takes them
   * @param runs timed ones of each strategy
   * @param robotSpeed relative to this machine
   * @param cache where the networks' files are
   */
  record Options(List<Zoo> models, List<String> rates, List<Strategy> strategies, int runs, double robotSpeed, Path cache) {
    Options {
      models = List.copyOf(models);
      rates = List.copyOf(rates);
      strategies = List.copyOf(strategies);
    }
  }

  LiveBench(Options options, PrintWriter progress) {
    this.options = options;
    this.progress = progress;
  }

  List<LiveResult> run(Path directory) throws IOException, InterruptedException {
    TestRepository repository = new TestRepository(Files.createDirectories(directory.resolve("repository")));
    for (Zoo zoo : options.models()) repository.put(zoo.word(), zoo.file(options.cache()));
    List<LiveResult> results = new ArrayList<>();
    for (String rate : options.rates()) {
      Path logs = Files.createDirectories(directory.resolve("fleet-" + rate));
      String speed = Double.toString(options.robotSpeed());
      try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), logs, "--rate", rate, "--delay", "1ms", "--robot-speed", speed)) {
        for (Zoo zoo : options.models()) results.add(measure(zoo, repository.file(zoo.word()), rate, fleet.node(0).client()));
      }
    }
    return results;
  }

  private LiveResult measure(Zoo zoo, Path file, String rate, NodeClient robot) throws InterruptedException {
    List<TensorBytes> input;
    try (Oracle oracle = Oracle.of(file, 1)) {
      input = Tensors.request(oracle.randomInputs(INPUT_SEED));
    }
    robot.load(zoo.word());
    Map<Strategy, List<RemoteAnswer>> answers = new EnumMap<>(Strategy.class);
    long end = System.nanoTime() + SETTLING.toNanos();
    boolean settled = false;
    for (int round = 0; round < WARM_UPS || !settled && System.nanoTime() - end < 0; round++) {
      ask(zoo, input, robot, answers);
      settled = robot.settled(zoo.word());
    }
    if (!settled) say("%s at %s: plans are still being made after %d s", zoo.word(), rate, SETTLING.toSeconds());
    answers.clear();
    for (int run = 0; run < options.runs(); run++) ask(zoo, input, robot, answers);
    long switches = switches(robot.plans(zoo.word()));
    robot.unload(zoo.word());
    LiveResult result = result(zoo.word(), rate, answers, switches);
    say("%s at %s: hybrid / best other %.3f", zoo.word(), rate, result.ratio());
    return result;
  }

  /** One of each, the first another one each time: who follows a slow one finds colder caches. */
  private void ask(Zoo zoo, List<TensorBytes> input, NodeClient robot, Map<Strategy, List<RemoteAnswer>> answers)
      throws InterruptedException {
    int first = answers.values().stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < options.strategies().size(); i++) {
      Strategy s = options.strategies().get((first + i) % options.strategies().size());
      answers.computeIfAbsent(s, key -> new ArrayList<>()).add(robot.infer(zoo.word(), input, Optional.of(s.word())));
    }
  }

  private static long switches(JsonNode plans) {
    for (JsonNode goal : plans.path("goals"))
      if (goal.path("strategy").asText().equals(Strategy.HYBRID.word())) return goal.path("switches").asLong();
    return 0;
  }

  private static LiveResult result(String model, String rate, Map<Strategy, List<RemoteAnswer>> answers, long switches) {
    Map<Strategy, LiveResult.Side> sides = new EnumMap<>(Strategy.class);
    answers.forEach((strategy, all) -> sides.put(strategy, new LiveResult.Side(
        median(all.stream().mapToDouble(RemoteAnswer::latencyMillis).toArray()),
        median(all.stream().mapToDouble(RemoteAnswer::predictedMillis).toArray()),
        all.get(all.size() - 1).header().path("parameters").path("plan").asText(),
        all.stream().flatMap(a -> a.devices().stream()).distinct().sorted().toList())));
    return new LiveResult(model, rate, sides, switches);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private void say(String format, Object... arguments) {
    progress.printf(format + "%n", arguments);
    progress.flush();
  }
}
