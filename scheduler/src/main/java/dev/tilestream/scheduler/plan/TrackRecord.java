package dev.tilestream.scheduler.plan;

import java.util.Arrays;

/**
 * What a plan's inferences took against what was promised, the last few of them. After a long silence what was before does not count any
 * more. Instants are nanoseconds of any clock. Not thread-safe.
 */
public final class TrackRecord {
  private static final int KEPT = 9;

  private final long memoryNanos;
  private final double[] ratios = new double[KEPT];
  private int count;
  private double median = 1;
  private long lastNanos;

  /** @param memoryNanos silence after which what was measured before is forgotten */
  public TrackRecord(long memoryNanos) {
    this.memoryNanos = memoryNanos;
  }

  /** An inference took {@code seconds} where {@code promised} were. */
  public void add(double seconds, double promised, long now) {
    if (!(promised > 0) || !(seconds > 0)) return;
    if (stale(now)) count = 0;
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

  /** Inferences that count; none after a long silence. */
  public int samples(long now) {
    return stale(now) ? 0 : Math.min(count, KEPT);
  }

  /** Whether nothing was ever measured. */
  public boolean empty() {
    return count == 0;
  }

  /** Median of measured by promised; 1 when nothing was measured. Outlives the silence, until something new is measured. */
  public double ratio() {
    return median;
  }
}
