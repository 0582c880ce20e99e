package dev.tilestream.cli.demo;

import dev.tilestream.client.TensorBytes;
import java.util.Map;

/** How far answers are from what they should be. */
public final class Deviation {
  private Deviation() {}

  /**
   * The largest difference between two elements, as a share of the largest expected value of that output; the worst output counts. Infinite
   * when names, types or shapes differ, or one is NaN where the other is not.
   */
  public static double largest(Map<String, TensorBytes> expected, Map<String, TensorBytes> actual) {
    if (!expected.keySet().equals(actual.keySet())) return Double.POSITIVE_INFINITY;
    double worst = 0;
    for (TensorBytes output : expected.values()) worst = Math.max(worst, of(output, actual.get(output.name())));
    return worst;
  }

  private static double of(TensorBytes expected, TensorBytes actual) {
    if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) return Double.POSITIVE_INFINITY;
    double difference = 0;
    for (int i = 0; i < expected.elements(); i++) {
      double e = expected.value(i);
      double a = actual.value(i);
      if (Double.compare(e, a) == 0) continue;
      double d = Math.abs(e - a);
      if (!Double.isFinite(d)) return Double.POSITIVE_INFINITY;
      difference = Math.max(difference, d);
    }
    return difference == 0 ? 0 : difference / largest(expected);
  }

  private static double largest(TensorBytes tensor) {
    double largest = Double.MIN_NORMAL;
    for (int i = 0; i < tensor.elements(); i++) {
      double v = Math.abs(tensor.value(i));
      if (Double.isFinite(v)) largest = Math.max(largest, v);
    }
    return largest;
  }
}
