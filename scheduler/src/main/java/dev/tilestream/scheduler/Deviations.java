package dev.tilestream.scheduler;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.HalfFloat;
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
    for (int at = 0; at < e.limit(); at += expected.type().bytes()) {
      double x = value(e, expected.type(), at);
      double y = value(m, expected.type(), at);
      if (Double.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      if (Double.compare(x, y) == 0 || x == y) continue;
      double d = Math.abs(x - y);
      if (!Double.isFinite(d)) return Double.POSITIVE_INFINITY;
      difference = Math.max(difference, d);
    }
    return difference / largest;
  }

  private static double value(ByteBuffer data, DataType type, int at) {
    return switch (type) {
      case FLOAT32 -> data.getFloat(at);
      case FLOAT64 -> data.getDouble(at);
      case INT8 -> data.get(at);
      case UINT8, BOOL -> data.get(at) & 0xff;
      case INT16 -> data.getShort(at);
      case UINT16 -> data.getShort(at) & 0xffff;
      case INT32 -> data.getInt(at);
      case UINT32 -> data.getInt(at) & 0xffff_ffffL;
      case INT64, UINT64 -> data.getLong(at);
      case BFLOAT16 -> HalfFloat.fromBfloat16(data.getShort(at));
      case FLOAT16 -> HalfFloat.fromFloat16(data.getShort(at));
    };
  }
}
