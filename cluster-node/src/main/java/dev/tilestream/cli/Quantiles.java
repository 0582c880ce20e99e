package dev.tilestream.cli;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Quantiles by nearest rank, so each is a value that was measured. */
public final class Quantiles {
  private Quantiles() {}

  /**
   * The smallest value that at least {@code share} of all do not exceed.
   *
   * @param values in any order, left as they are
   * @throws IllegalArgumentException without values
   */
  public static double quantile(double[] values, double share) {
    if (values.length == 0) throw new IllegalArgumentException("quantile of no values (expected: at least one)");
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  /** @throws IllegalArgumentException without values */
  public static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /** @throws IllegalArgumentException without values */
  public static double median(DoubleStream values) {
    return median(values.toArray());
  }
}
