package dev.tilestream.postprocess;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;

/** A model's output while it is read: a view, valid as long as its tensor is held. */
record Output(String name, DataType type, Shape shape, ByteBuffer data) {
  static Output of(String name, TensorSlice tensor) {
    return new Output(name, tensor.type(), tensor.shape(), tensor.data());
  }

  /** Element in row-major order. */
  double at(int index) {
    return type.element(data, index);
  }

  int elements() {
    return data.limit() / type.bytes();
  }

  /**
   * Its dimensions without ones in front and behind, so many of them.
   *
   * @throws Unreadable when it has another number
   */
  int[] dims(int count, String expected) {
    int ones = 0;
    int rank = shape.rank();
    while (rank - ones > count && shape.dim(ones) == 1) ones++;
    while (rank - ones > count && shape.dim(rank - 1) == 1) rank--;
    if (rank - ones != count) throw new Unreadable("output %s: %s (expected: %s)".formatted(name, shape, expected));
    int[] dims = new int[count];
    for (int i = 0; i < count; i++) dims[i] = shape.dim(ones + i);
    return dims;
  }
}
