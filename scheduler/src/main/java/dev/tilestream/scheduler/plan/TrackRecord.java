package dev.tilestream.scheduler.plan;

import java.util.Arrays;

/**
 * What a plan's inferences took against what was promised, the last few of them. After a silence what was before does not count any more: a
 * plan that was slow in a crowd gets another trial. Each time the silence that it takes is twice as long, up to {@link #LONGEST} times the
 * first. Instants are nanoseconds of any clock. Not thread-safe.
 */
public final class TrackRecord {
  private static final int KEPT = 9;

  private static final int LONGEST = 16;

  private final long longestNanos;
  private long memoryNanos;
  private final double[] ratios = new double[KEPT];
  private int count;
  private double median = 1;
  private long lastNanos;

  /** @param memoryNanos silence after which what was measured is forgotten the first time */
  public TrackRecord(long memoryNanos) {
    this.memoryNanos = memoryNanos;
    longestNanos = memoryNanos * LONGEST;
  }

  /** An inference took {@code seconds} where {@code promised} were. */
  public void add(double seconds, double promised, long now) {
    if (!(promised > 0) || !(seconds > 0)) return;
    if (stale(now)) {
      count = 0;
      memoryNanos = Math.min(longestNanos, 2 * memoryNanos);
    }
    ratios[count++ % KEPT] = seconds / promised;
    lastNanos = now;
    median = median();
  }

  private double median() {
    double[] sorted = Arrays.copyOf(ratios, Math.min(count, KEPT));
    Arrays.sort(sorted);
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  private boolean stale(long now) {
    return count > 0 && now - lastNanos > memoryNanos;
  }

  /** Inferences that count; none after a silence. */
  public int samples(long now) {
    return stale(now) ? 0 : Math.min(count, KEPT);
  }

  /** Median of measured by promised; 1 when nothing was ever measured. */
  public double ratio() {
    return median;
  }
}
