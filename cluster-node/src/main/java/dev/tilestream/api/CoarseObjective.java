package dev.tilestream.api;

import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.Objective.Energy;
import dev.tilestream.scheduler.plan.Objective.Latency;
import dev.tilestream.scheduler.plan.Objective.Throughput;
import dev.tilestream.scheduler.plan.Objective.Weighted;

/**
 * Objectives as clients may ask for them. Every objective has plans and deployments of its own, so that what comes as any number is kept
 * as one of a few: 1, 2 or 5 times a power of ten, or a power of two.
 */
final class CoarseObjective {
  private static final double[] STEPS = {1, 2, 5, 10};
  /** A joule that costs so many times a second or more, or so little, is all that counts, or nothing. */
  private static final double EXTREME = 1e6;

  private CoarseObjective() {}

  static Objective of(Objective asked) {
    if (asked instanceof Energy energy) return new Energy(down(energy.deadlineSeconds()));
    if (asked instanceof Weighted weighted) return weighted(weighted);
    if (asked instanceof Throughput throughput) return new Throughput(Integer.highestOneBit(2 * throughput.frames() - 1));
    if (asked instanceof Latency) return asked;
    throw new IllegalArgumentException("objective: %s (expected: a known one)".formatted(asked));
  }

  /** Plans are compared by it, so only the ratio of its weights counts. */
  private static Objective weighted(Weighted asked) {
    if (asked.perJoule() * EXTREME < asked.perSecond()) return Objective.LATENCY;
    if (asked.perSecond() * EXTREME < asked.perJoule()) return new Weighted(0, 1);
    return new Weighted(1, nearest(asked.perJoule() / asked.perSecond()));
  }

  /** So that what is kept is met when what was asked for is to be met. */
  private static double down(double value) {
    double power = power(value);
    double kept = power;
    for (double step : STEPS) if (step * power <= value * (1 + 1e-9)) kept = step * power;
    return kept;
  }

  private static double nearest(double value) {
    double power = power(value);
    double kept = power;
    for (double step : STEPS) if (Math.abs(Math.log(step * power / value)) < Math.abs(Math.log(kept / value))) kept = step * power;
    return kept;
  }

  private static double power(double value) {
    return Math.pow(10, Math.floor(Math.log10(value) + 1e-9));
  }
}
