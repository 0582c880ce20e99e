package dev.tilestream.kernel;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Values of a graph's small constants: bounds, pads, scales. */
final class Constants {
  private Constants() {}

  /** @throws IllegalArgumentException when the tensor is no constant of integers */
  static long[] integers(OperatorGraph graph, int tensor) {
    Tensor t = graph.tensor(tensor);
    ByteBuffer bytes = bytes(graph, t);
    long[] values = new long[elements(t)];
    for (int i = 0; i < values.length; i++)
      values[i] = switch (t.type()) {
        case INT64 -> bytes.getLong();
        case INT32 -> bytes.getInt();
        default -> throw new IllegalArgumentException("constant %s: %s (expected: INT64 or INT32)".formatted(t.name(), t.type()));
      };
    return values;
  }

  /** @throws IllegalArgumentException when the tensor is no constant of numbers with a fraction */
  static float[] reals(OperatorGraph graph, int tensor) {
    Tensor t = graph.tensor(tensor);
    ByteBuffer bytes = bytes(graph, t);
    float[] values = new float[elements(t)];
    for (int i = 0; i < values.length; i++)
      values[i] = switch (t.type()) {
        case FLOAT32 -> bytes.getFloat();
        case FLOAT64 -> (float) bytes.getDouble();
        default -> throw new IllegalArgumentException("constant %s: %s (expected: FLOAT32 or FLOAT64)".formatted(t.name(), t.type()));
      };
    return values;
  }

  /** Values of any constant that has a fixed-size number type. */
  static double[] numbers(OperatorGraph graph, int tensor) {
    boolean whole = graph.tensor(tensor).type() == DataType.INT64 || graph.tensor(tensor).type() == DataType.INT32;
    if (whole) return Arrays.stream(integers(graph, tensor)).asDoubleStream().toArray();
    float[] reals = reals(graph, tensor);
    return IntStream.range(0, reals.length).mapToDouble(i -> reals[i]).toArray();
  }

  private static int elements(Tensor t) {
    return Math.toIntExact(t.shape().elements());
  }

  private static ByteBuffer bytes(OperatorGraph graph, Tensor t) {
    if (!t.constant()) throw new IllegalArgumentException("tensor %s: not constant (expected: a constant)".formatted(t.name()));
    return elements(t) == 0 ? ByteBuffer.allocate(0) : graph.weights().bytes(t.id()).duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
