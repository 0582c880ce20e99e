package dev.tilestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.cli.Quantiles;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.plan.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Strategies side by side with real kernels. They take turns within one run, so that whatever else this machine does hits all alike.
 * Measured once the plans for the rates of now are there and hybrid has had time to try what it doubts: in the first seconds of a network
 * devices turn out to be other than they were measured, and what plans anew for that takes processors from the kernels of all.
 */
final class LiveBench {
  private static final int WARM_UPS = 12;
  private static final Duration WARMING = Duration.ofSeconds(45);

  private final List<Strategy> strategies;
  private final int runs;
  private final Duration least;
  private final ProgressLines progress;
  private final Random random = new Random(1);

  /**
   * @param runs timed ones of each strategy
   * @param least more of them until so much time has passed: a machine's speed swings for seconds
   */
  LiveBench(List<Strategy> strategies, int runs, Duration least, ProgressLines progress) {
    this.strategies = List.copyOf(strategies);
    this.runs = runs;
    this.least = least;
    this.progress = progress;
  }

  List<LiveResult> measure(FleetBench.Subject subject) throws InterruptedException {
    Map<Strategy, List<RemoteAnswer>> answers = new EnumMap<>(Strategy.class);
    subject.settle(WARM_UPS, WARMING, () -> ask(subject, answers), progress);
    answers.clear();
    long began = System.nanoTime();
    for (int run = 0; run < runs || FleetBench.elapsed(began) < least.toNanos(); run++) ask(subject, answers);
    LiveResult result = result(subject, answers, switches(subject.robot().plans(subject.model())));
    progress.say("%s at %s: hybrid / best other %.3f", subject.model(), subject.rate(), result.ratio());
    return List.of(result);
  }

  /** One of each, in another order each time: who follows a slow one finds colder caches. */
  private void ask(FleetBench.Subject subject, Map<Strategy, List<RemoteAnswer>> answers) throws InterruptedException {
    List<Strategy> order = new ArrayList<>(strategies);
    Collections.shuffle(order, random);
    for (Strategy s : order) answers.computeIfAbsent(s, key -> new ArrayList<>()).add(subject.infer(s));
  }

  private static long switches(JsonNode plans) {
    for (JsonNode goal : plans.path("goals"))
      if (goal.path("strategy").asText().equals(Strategy.HYBRID.word())) return goal.path("switches").asLong();
    return 0;
  }

  private static String mostOften(List<String> words) {
    return words.stream().max(Comparator.comparingInt(w -> Collections.frequency(words, w))).orElseThrow();
  }

  private static LiveResult result(FleetBench.Subject subject, Map<Strategy, List<RemoteAnswer>> answers, long switches) {
    Map<Strategy, LiveResult.Side> sides = new EnumMap<>(Strategy.class);
    answers.forEach((strategy, all) -> sides.put(strategy, new LiveResult.Side(
        Quantiles.median(all.stream().mapToDouble(RemoteAnswer::latencyMillis)),
        Quantiles.median(all.stream().mapToDouble(RemoteAnswer::predictedMillis)),
        mostOften(all.stream().map(RemoteAnswer::plan).toList()),
        all.stream().flatMap(a -> a.devices().stream()).distinct().sorted().toList())));
    return new LiveResult(subject.model(), subject.rate(), sides, switches);
  }
}
