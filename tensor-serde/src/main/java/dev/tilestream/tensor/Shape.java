package dev.tilestream.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Immutable dimensions of a tensor, outermost first; a scalar has none; a dimension may be 0. */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final long elements;

  private Shape(int[] dims) {
    this.dims = dims;
    long product = 1;
    for (int d : dims) {
      if (d < 0) throw new IllegalArgumentException("shape: " + Arrays.toString(dims) + " (expected: no negative dimension)");
      product = Math.multiplyExact(product, (long) d);
    }
    elements = product;
  }

  /**
   * @throws IllegalArgumentException when a dimension is negative
   * @throws ArithmeticException when the number of elements does not fit a long
   */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** Like {@link #of(int...)}, for dimensions that must fit an int. */
  public static Shape of(long... dims) {
    int[] d = new int[dims.length];
    for (int i = 0; i < d.length; i++) d[i] = Math.toIntExact(dims[i]);
    return of(d);
  }

  public int rank() {
    return dims.length;
  }

  public int dim(int axis) {
    return dims[axis];
  }

  /** A copy. */
  public int[] dims() {
    return dims.clone();
  }

  /** A copy, as longs. */
  public long[] toLongs() {
    return Arrays.stream(dims).asLongStream().toArray();
  }

  public long elements() {
    return elements;
  }

  /** @throws ArithmeticException when the size does not fit a long */
  public long bytes(DataType type) {
    return Math.multiplyExact(elements, (long) type.bytes());
  }

  /** Product of the dimensions before {@code axis}: how many separate runs of rows there are in memory. */
  public long outer(int axis) {
    long product = 1;
    for (int i = 0; i < axis; i++) product *= dims[i];
    return product;
  }

  /** Product of the dimensions behind {@code axis}: elements of one row within one run. */
  public long inner(int axis) {
    long product = 1;
    for (int i = axis + 1; i < dims.length; i++) product *= dims[i];
    return product;
  }

  /** The same shape with another extent along {@code axis}; {@code axis} -1 leaves it as it is. */
  public Shape with(int axis, int extent) {
    if (axis < 0) return this;
    int[] d = dims.clone();
    d[axis] = extent;
    return new Shape(d);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
