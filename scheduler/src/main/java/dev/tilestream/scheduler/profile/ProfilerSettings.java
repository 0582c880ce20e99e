package dev.tilestream.scheduler.profile;

import java.time.Duration;

/**
 * How a device measures itself.
 *
 * @param budget for one graph, the making of kernels included. It is met by leaving out bands and repetitions; every stage still runs,
 *     so a big model on a slow device may take longer
 * @param repetitions of one kernel at most, besides a first to warm up; the least time counts
 * @param speed of the compute lane relative to this machine: times are divided by it
 * @param seed of the numbers that the inputs are filled with
 * @param packing whether links pack, so that it matters how well tensors do
 */
public record ProfilerSettings(Duration budget, int repetitions, double speed, long seed, boolean packing) {
  public static final ProfilerSettings DEFAULT = new ProfilerSettings(Duration.ofSeconds(3), 5, 1, 1, true);

  /** Links pack. */
  public ProfilerSettings(Duration budget, int repetitions, double speed, long seed) {
    this(budget, repetitions, speed, seed, true);
  }

  public ProfilerSettings {
    if (budget.isNegative()) throw new IllegalArgumentException("profiler: budget %s (expected: not negative)".formatted(budget));
    if (repetitions < 1) throw new IllegalArgumentException("profiler: %d repetitions (expected: at least 1)".formatted(repetitions));
    if (!(speed > 0)) throw new IllegalArgumentException("profiler: speed %s (expected: above 0)".formatted(speed));
  }
}
