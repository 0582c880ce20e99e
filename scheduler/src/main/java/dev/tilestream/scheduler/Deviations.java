package dev.tilestream.scheduler;

import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.Map;

/** How far outputs are from what they should be. */
final class Deviations {
  private Deviations() {}

  /**
   * The largest difference between two elements, as a share of the largest finite one expected of that output; the worst output counts.
   * Infinite when names, types or shapes differ, or one is NaN or infinite where the other is not. Both stay the caller's.
   */
  static double largest(Map<String, TensorSlice> expected, Map<String, TensorSlice> made) {
    if (!expected.keySet().equals(made.keySet())) return Double.POSITIVE_INFINITY;
    double worst = 0;
    for (String name : expected.keySet()) worst = Math.max(worst, of(expected.get(name), made.get(name)));
    return worst;
  }

  private static double of(TensorSlice expected, TensorSlice made) {
    if (expected.type() != made.type() || !expected.shape().equals(made.shape())) return Double.POSITIVE_INFINITY;
    ByteBuffer e = expected.data();
    ByteBuffer m = made.data();
    double difference = 0;
    double largest = Double.MIN_NORMAL;
    int elements = e.limit() / expected.type().bytes();
    for (int i = 0; i < elements; i++) {
      double x = expected.type().element(e, i);
      double y = expected.type().element(m, i);
      if (Double.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      if (Double.compare(x, y) == 0 || x == y) continue;
      double d = Math.abs(x - y);
      if (!Double.isFinite(d)) return Double.POSITIVE_INFINITY;
      difference = Math.max(difference, d);
    }
    return difference / largest;
  }
}
