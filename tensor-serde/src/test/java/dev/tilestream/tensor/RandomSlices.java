package dev.tilestream.tensor;

import java.util.SplittableRandom;

/** Seeded slices of every type, rank, axis and stride, filled with random bytes. */
public final class RandomSlices {
  private final SplittableRandom random;
  private final BufferPool pool;
  private final int largestDim;

  public RandomSlices(long seed, BufferPool pool, int largestDim) {
    this.random = new SplittableRandom(seed);
    this.pool = pool;
    this.largestDim = largestDim;
  }

  public SplittableRandom random() {
    return random;
  }

  public DataType type() {
    return DataType.values()[random.nextInt(DataType.values().length)];
  }

  /** Rank 0 to 4, some dimensions 1, a few 0. */
  public Shape shape() {
    int[] dims = new int[random.nextInt(5)];
    for (int i = 0; i < dims.length; i++) dims[i] = random.nextInt(20) == 0 ? 0 : random.nextInt(1, largestDim + 1);
    return Shape.of(dims);
  }

  /** A split axis that has rows, or -1. */
  public int axis(Shape shape) {
    int axis = random.nextInt(-1, shape.rank());
    return axis >= 0 && shape.dim(axis) == 0 ? -1 : axis;
  }

  public RowSpan within(RowSpan span) {
    int from = random.nextInt(span.from(), span.to());
    return RowSpan.of(from, random.nextInt(from, span.to()) + 1);
  }

  /** A view of {@code span} whose memory may hold more rows; owned by the caller. */
  public TensorSlice slice(DataType type, Shape shape, int axis, RowSpan span) {
    RowSpan held = random.nextBoolean() ? span : span.hull(within(TensorSlice.all(shape, axis)));
    TensorSlice slice = TensorSlice.allocate(pool, random.nextInt(), type, shape, axis, held);
    byte[] content = new byte[(int) slice.bytes()];
    random.nextBytes(content);
    slice.data().put(content);
    if (held.equals(span)) return slice;
    TensorSlice view = slice.rows(span);
    slice.release();
    return view;
  }

  public TensorSlice slice() {
    Shape shape = shape();
    int axis = axis(shape);
    return slice(type(), shape, axis, within(TensorSlice.all(shape, axis)));
  }

  public Parcel parcel() {
    return new Parcel(
        new DeploymentId(random.nextLong(), random.nextInt()), new InferenceId(random.nextLong(), random.nextLong()),
        random.nextInt(-1, 1000), random.nextInt(), slice()).numbered(random.nextInt(1000));
  }

  /** The rows shown, read element by element from the definition of the layout. */
  public static byte[] bytesOf(TensorSlice slice) {
    byte[] out = new byte[(int) slice.bytes()];
    for (int i = 0; i < out.length; i++) out[i] = slice.buffer().bytes().get(offset(slice, i));
    return out;
  }

  /** Where byte {@code i} of the rows shown lies in the buffer: by coordinates, not by runs. */
  private static int offset(TensorSlice slice, int i) {
    int width = slice.type().bytes();
    int[] dims = slice.sliceShape().dims();
    int element = i / width;
    int[] at = new int[dims.length];
    for (int d = dims.length - 1; d >= 0; d--) {
      at[d] = element % dims[d];
      element /= dims[d];
    }
    if (slice.axis() >= 0) at[slice.axis()] += slice.span().from() - slice.held().from();
    int[] strides = slice.shape().with(slice.axis(), slice.held().rows()).dims();
    int offset = 0;
    for (int d = 0; d < dims.length; d++) offset = offset * strides[d] + at[d];
    return offset * width + i % width;
  }
}
