package dev.tilestream.fault;

import dev.tilestream.cli.Quantiles;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Faults of one kind on one fleet under steady load: the source alone first, the whole fleet without faults then, then the faults.
 *
 * @param strategies that requests take turns by
 * @param clients that ask at once
 * @param margin what an answer may take longer than the source alone
 * @param recovery how long a fault waits for its victim to compute for the source, at most
 * @param notes hears how far it is
 */
public record FaultTrial(
    Questions questions, List<String> strategies, int clients, Duration margin, Duration recovery, long seed, Consumer<String> notes) {
  private static final Duration ALONE = Duration.ofSeconds(6);
  private static final int LEAST_ALONE = 24;
  private static final Duration SETTLING = Duration.ofSeconds(90);
  private static final Duration CALM = Duration.ofSeconds(5);
  private static final Duration AFTER = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final int FAULTS_A_NOTE = 10;

  public FaultTrial {
    strategies = List.copyOf(strategies);
    if (strategies.isEmpty()) throw new IllegalArgumentException("strategies: none (expected: at least one)");
    if (clients < 1) throw new IllegalArgumentException("clients: %d (expected: at least 1)".formatted(clients));
  }

  /** Loads the model, and measures. */
  public FaultOutcome run(Ground ground, FaultyFleet fleet, FaultKind kind, int times) throws InterruptedException {
    fleet.source().client().load(questions.model());
    double localMillis = alone(fleet);
    notes.accept("%s, %s: the source alone takes %.1f ms".formatted(kind.word(), ground.word(), localMillis));
    try (Load load = Load.start(questions, fleet.source().client(), strategies, clients);
        Faults faults = new Faults(ground, fleet, load, recovery, seed)) {
      if (!load.awaitPlans(SETTLING)) notes.accept("plans are still being made after %d s".formatted(SETTLING.toSeconds()));
      long calmFrom = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
      long calmTo = System.nanoTime();
      for (int i = 1; i <= times; i++) {
        faults.inflict(kind);
        if (i % FAULTS_A_NOTE == 0) notes.accept("%s: %d of %d".formatted(kind.word(), i, times));
      }
      TimeUnit.NANOSECONDS.sleep(AFTER.toNanos());
      load.close();
      List<Asked> asked = load.asked();
      List<Asked> calm = asked.stream().filter(a -> a.fromNanos() - calmFrom >= 0 && a.toNanos() - calmTo <= 0).toList();
      List<Inflicted> inflicted = faults.all();
      RequestLog.write(fleet, asked, inflicted);
      return FaultOutcome.of(kind, ground.word(), new FaultOutcome.Yardstick(localMillis, margin), calm, asked, inflicted);
    }
  }

  /** Median of the source's own latency under the same load, once it is warm. */
  private double alone(FaultyFleet fleet) throws InterruptedException {
    try (Load load = Load.start(questions, fleet.source().client(), List.of("local"), clients)) {
      long end = System.nanoTime() + ALONE.toNanos();
      while (System.nanoTime() - end < 0 || load.asked().size() < LEAST_ALONE) Thread.sleep(POLL.toMillis());
      List<Asked> asked = load.asked();
      return Quantiles.median(asked.subList(asked.size() / 2, asked.size()).stream().mapToDouble(Asked::millis));
    }
  }
}
