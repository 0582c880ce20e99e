package dev.tilestream.client;

import dev.tilestream.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A whole dense tensor as it travels over HTTP.
 *
 * @param data little endian, from position 0 to its limit; never written to
 */
public record TensorBytes(String name, DataType type, List<Long> shape, ByteBuffer data) {
  public TensorBytes {
    shape = List.copyOf(shape);
    long expected = Math.multiplyExact(elements(shape), type.bytes());
    if (data.remaining() != expected)
      throw new IllegalArgumentException(
          "tensor %s: %d bytes (expected: %d, for %s of %s)".formatted(name, data.remaining(), expected, type.protocolName(), shape));
    data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long elements(List<Long> shape) {
    long elements = 1;
    for (long dimension : shape) {
      if (dimension < 0) throw new IllegalArgumentException("shape: %s (expected: no negative dimension)".formatted(shape));
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  public int elements() {
    return data.limit() / type.bytes();
  }

  /** Element {@code index} in row-major order as a number. */
  public double value(int index) {
    return type.element(data, index);
  }
}
