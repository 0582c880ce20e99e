package dev.tilestream.graph;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;

/**
 * An edge of the graph.
 *
 * @param id index in {@link OperatorGraph#tensors}
 * @param type null only for what has no fixed-size elements (strings, sequences); such tensors never leave ONNX Runtime
 * @param shape null when it depends on the data; such a tensor is one indivisible row (axis -1) whose shape travels with the slice
 * @param axis the split axis; -1 when the tensor is one indivisible row. A tensor that no local operator touches has its outermost axis
 *     of extent above 1, which serves to cut it into chunks for the air
 */
public record Tensor(int id, String name, Kind kind, DataType type, Shape shape, int axis) {
  /** Where a tensor's values come from. */
  public enum Kind {
    INPUT,
    CONSTANT,
    VALUE
  }

  public Tensor {
    if (shape == null && axis != -1) throw new IllegalArgumentException("tensor " + name + ": split axis " + axis + " of an unknown shape");
    if (axis < -1 || shape != null && axis >= shape.rank())
      throw new IllegalArgumentException("tensor %s: split axis %d (expected: -1 <= axis < rank of %s)".formatted(name, axis, shape));
  }

  public boolean dynamic() {
    return shape == null;
  }

  public boolean constant() {
    return kind == Kind.CONSTANT;
  }

  /** Number of rows along the split axis; 1 without one. */
  public int rows() {
    return axis < 0 ? 1 : shape.dim(axis);
  }

  /** All its rows. */
  public RowSpan all() {
    return RowSpan.first(rows());
  }

  /** Bytes of {@code rows} rows. */
  public long bytes(int rows) {
    return TensorSlice.bytes(type, shape, axis, rows);
  }
}
