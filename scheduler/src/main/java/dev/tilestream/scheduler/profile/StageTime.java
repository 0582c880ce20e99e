package dev.tilestream.scheduler.profile;

import java.util.Arrays;

/**
 * How long one stage takes alone, by the share of its rows: a table of measured points with straight lines between them. Two points
 * are floor + slope; more serve where small bands are dear because weights are re-ordered at every call.
 *
 * @param shares of the stage's rows, ascending, in [0, 1]; the last is 1
 * @param seconds at each share
 */
public record StageTime(double[] shares, double[] seconds) {
  public StageTime {
    if (shares.length == 0 || shares.length != seconds.length)
      throw new IllegalArgumentException("stage time: %d shares, %d times (expected: as many, at least 1)"
          .formatted(shares.length, seconds.length));
    shares = shares.clone();
    seconds = seconds.clone();
    for (int i = 0; i < shares.length; i++) {
      if (!(shares[i] >= 0 && shares[i] <= 1) || i > 0 && shares[i] <= shares[i - 1])
        throw new IllegalArgumentException("stage time: shares %s (expected: ascending, in [0, 1])".formatted(Arrays.toString(shares)));
      if (!(seconds[i] >= 0 && seconds[i] < Double.POSITIVE_INFINITY))
        throw new IllegalArgumentException("stage time: seconds %s (expected: finite, not negative)".formatted(Arrays.toString(seconds)));
    }
    if (shares[shares.length - 1] != 1)
      throw new IllegalArgumentException("stage time: shares %s (expected: the last is 1)".formatted(Arrays.toString(shares)));
  }

  /** {@code floor} seconds however few rows, {@code whole} seconds for all of them. */
  public static StageTime linear(double floor, double whole) {
    return new StageTime(new double[] {0, 1}, new double[] {Math.min(floor, whole), whole});
  }

  /** Seconds for all rows. */
  public double whole() {
    return seconds[seconds.length - 1];
  }

  /** Seconds for {@code share} of the rows. Below the first point the first line goes on, but never rises towards fewer rows. */
  public double at(double share) {
    int last = shares.length - 1;
    if (share >= 1) return seconds[last];
    if (last == 0) return seconds[0] * share / shares[0];
    int i = 1;
    while (i < last && shares[i] < share) i++;
    double slope = (seconds[i] - seconds[i - 1]) / (shares[i] - shares[i - 1]);
    if (share < shares[0]) slope = Math.max(0, slope);
    return Math.max(0, seconds[i - 1] + slope * (share - shares[i - 1]));
  }

  /** {@code more} seconds on top, however few rows. */
  public StageTime plus(double more) {
    return new StageTime(shares, Arrays.stream(seconds).map(s -> s + more).toArray());
  }

  /** The same device, {@code factor} times as slow. */
  public StageTime times(double factor) {
    return new StageTime(shares, Arrays.stream(seconds).map(s -> s * factor).toArray());
  }

  /** A copy. */
  @Override
  public double[] shares() {
    return shares.clone();
  }

  /** A copy. */
  @Override
  public double[] seconds() {
    return seconds.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof StageTime t && Arrays.equals(shares, t.shares) && Arrays.equals(seconds, t.seconds);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shares) + Arrays.hashCode(seconds);
  }

  @Override
  public String toString() {
    return "StageTime" + Arrays.toString(shares) + Arrays.toString(seconds);
  }
}
