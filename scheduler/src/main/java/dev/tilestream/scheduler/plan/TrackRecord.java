package dev.tilestream.scheduler.plan;

import java.util.Arrays;

/**
 * What a plan's inferences took against what was promised, the last few of them. After a silence it is stale: a plan that was slow in a crowd
 * gets another trial, which begins a new record. Each time the silence that it takes is twice as long, up to {@link #LONGEST} times the first.
 * Instants are nanoseconds of any clock. Not thread-safe.
 */
public final class TrackRecord {
  private static final int KEPT = 9;

  private static final int LONGEST = 16;

  private final long longestNanos;
  private long silenceNanos;
  private final double[] ratios = new double[KEPT];
  private int count;
  private double median = 1;
  private boolean promisesChange;
  private long lastNanos;

  /** @param silenceNanos without inferences, after which what was measured is stale the first time */
  public TrackRecord(long silenceNanos) {
    this.silenceNanos = silenceNanos;
    longestNanos = silenceNanos * LONGEST;
  }

  /** An inference took {@code seconds} where {@code promised} were. */
  public void add(double seconds, double promised, long now) {
    if (!(promised > 0) || !(seconds > 0)) return;
    if (stale(now)) forget();
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

  /** So long ago that it should be measured anew before anything is concluded from it. */
  public boolean stale(long now) {
    return count > 0 && now - lastNanos > silenceNanos;
  }

  /**
   * A device of the plan is known to compute at another speed, and promises will have that in them. What was measured within {@code recentNanos} had
   * it already, against promises without: it is held against the next one, not counted twice. What is older goes on to say how far promises of this
   * plan are off.
   */
  public void promisesChange(long recentNanos, long now) {
    promisesChange = count > 0 && now - lastNanos <= recentNanos;
  }

  /** The plan promises {@code now} where it promised {@code before}, at the same rates. */
  public void promises(double before, double now) {
    if (!promisesChange || !(before > 0) || !(now > 0)) return;
    promisesChange = false;
    for (int i = 0; i < samples(); i++) ratios[i] *= before / now;
    median = median();
  }

  /** Devices, links or their load are not what they were: what is stale is forgotten. */
  public void drifted(long now) {
    if (stale(now)) forget();
  }

  private void forget() {
    count = 0;
    median = 1;
    promisesChange = false;
    silenceNanos = Math.min(longestNanos, 2 * silenceNanos);
  }

  /** Inferences that count. */
  public int samples() {
    return Math.min(count, KEPT);
  }

  /** Median of measured by promised; 1 when nothing counts. */
  public double ratio() {
    return median;
  }

  /**
   * What to expect of the next inference: the median, and with the weight of one inference what plans like this one take, since a single
   * measurement says little.
   *
   * @param typical of others
   */
  public double ratio(double typical) {
    int n = samples();
    return (n * median + typical) / (n + 1);
  }
}
