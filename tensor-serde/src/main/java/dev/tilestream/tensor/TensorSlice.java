package dev.tilestream.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Rows {@link #span} of one tensor, in native memory. The memory may hold more rows ({@link #held}) than the slice shows: rows of an
 * NCHW tensor are strided, one run per channel, so a slice is a view and {@link #rows} narrows it without a copy.
 *
 * <p>{@code axis} is the split axis in {@code shape}; -1 means that the tensor is one indivisible row ({@code span} is [0, 1)). {@code
 * shape} is that of the whole tensor, so its extent along the axis is the number of rows that exist, not those held here.
 *
 * <p>Ownership: a slice holds one reference of its buffer; {@link #release} gives it back, {@link #retain} makes a second owner.
 */
public final class TensorSlice {
  private final int tensor;
  private final DataType type;
  private final Shape shape;
  private final int axis;
  private final RowSpan held;
  private final RowSpan span;
  private final NativeBuffer buffer;
  /** 0 where the buffer holds the rows as they are. */
  private final int packedBytes;

  private TensorSlice(
      int tensor, DataType type, Shape shape, int axis, RowSpan held, RowSpan span, NativeBuffer buffer, int packedBytes) {
    this.tensor = tensor;
    this.type = type;
    this.shape = shape;
    this.axis = axis;
    this.held = held;
    this.span = span;
    this.buffer = buffer;
    this.packedBytes = packedBytes;
  }

  /** Rows {@code span}, dense in {@code buffer} from its first byte. Takes over the caller's reference. */
  public static TensorSlice of(int tensor, DataType type, Shape shape, int axis, RowSpan span, NativeBuffer buffer) {
    requireRows(type, shape, axis, span);
    TensorSlice slice = new TensorSlice(tensor, type, shape, axis, span, span, buffer, 0);
    if (buffer.capacity() < slice.bytes())
      throw new IllegalArgumentException("buffer: %d bytes (expected: %d)".formatted(buffer.capacity(), slice.bytes()));
    return slice;
  }

  /** Fresh memory for rows {@code span}, contents undefined, owned by the caller. */
  public static TensorSlice allocate(BufferPool pool, int tensor, DataType type, Shape shape, int axis, RowSpan span) {
    requireRows(type, shape, axis, span);
    return of(tensor, type, shape, axis, span, pool.acquire(bytes(type, shape, axis, span.rows())));
  }

  /**
   * The rows of {@code rows} as {@link Packing} has them: fit to travel, not to be looked at. Takes over the caller's reference of
   * {@code buffer}, none of {@code rows}.
   */
  static TensorSlice packed(TensorSlice rows, NativeBuffer buffer, int packedBytes) {
    if (packedBytes < 1 || packedBytes > buffer.capacity())
      throw new IllegalArgumentException("packed: %d bytes (expected: 1 to %d)".formatted(packedBytes, buffer.capacity()));
    return new TensorSlice(rows.tensor, rows.type, rows.shape, rows.axis, rows.span, rows.span, buffer, packedBytes);
  }

  private static void requireRows(DataType type, Shape shape, int axis, RowSpan span) {
    Objects.requireNonNull(type, "type");
    if (axis < -1 || axis >= shape.rank())
      throw new IllegalArgumentException("axis: %d (expected: -1 <= axis < rank %d)".formatted(axis, shape.rank()));
    int extent = extent(shape, axis);
    if (span.to() > extent) throw new IllegalArgumentException("rows: %s (expected: within %d rows of %s)".formatted(span, extent, shape));
  }

  /** All rows of a tensor of this shape; what a slice without a split axis spans. */
  public static RowSpan all(Shape shape, int axis) {
    return RowSpan.first(extent(shape, axis));
  }

  /** Bytes of {@code rows} rows. */
  public static long bytes(DataType type, Shape shape, int axis, int rows) {
    return shape.with(axis, rows).bytes(type);
  }

  private static int extent(Shape shape, int axis) {
    return axis < 0 ? 1 : shape.dim(axis);
  }

  public int tensor() {
    return tensor;
  }

  public DataType type() {
    return type;
  }

  /** Of the whole tensor. */
  public Shape shape() {
    return shape;
  }

  /** Of the rows shown. */
  public Shape sliceShape() {
    return shape.with(axis, span.rows());
  }

  public int axis() {
    return axis;
  }

  public RowSpan span() {
    return span;
  }

  /** Rows that the memory holds; contains {@link #span}. */
  public RowSpan held() {
    return held;
  }

  /** True when the rows shown are all that the memory holds, so that it is one contiguous block. */
  public boolean dense() {
    return span.equals(held);
  }

  /** Bytes of the rows shown. */
  public long bytes() {
    return bytes(type, shape, axis, span.rows());
  }

  public NativeBuffer buffer() {
    return buffer;
  }

  /** Whether the buffer holds the rows packed. */
  public boolean packed() {
    return packedBytes > 0;
  }

  /** Bytes that its rows are in {@link #buffer} and on the wire: fewer than {@link #bytes} where they are packed. */
  public long wireBytes() {
    return packed() ? packedBytes : bytes();
  }

  private void requirePlain() {
    if (packed()) throw new IllegalStateException("slice: packed (expected: rows as they are)");
  }

  /** The contiguous bytes of a dense slice, native order, position 0, limit {@link #bytes}. */
  public ByteBuffer data() {
    requirePlain();
    if (!dense()) throw new IllegalStateException("slice: %s of held %s (expected: dense)".formatted(span, held));
    return buffer.bytes().limit((int) bytes()).slice().order(ByteOrder.nativeOrder());
  }

  /** A narrower view of the same memory, with a reference of its own. No copy. */
  public TensorSlice rows(RowSpan part) {
    requirePlain();
    if (!span.contains(part)) throw new IllegalArgumentException("rows: %s (expected: within %s)".formatted(part, span));
    buffer.retain();
    return new TensorSlice(tensor, type, shape, axis, held, part, buffer, 0);
  }

  public TensorSlice retain() {
    buffer.retain();
    return this;
  }

  public void release() {
    buffer.release();
  }

  /** Contiguous runs of bytes that make up the rows shown, one per outer index (1 when dense or without elements). */
  public int runs() {
    return dense() || axis <= 0 || bytes() == 0 ? 1 : Math.toIntExact(shape.outer(axis));
  }

  /** Bytes of one run. */
  public int runBytes() {
    return Math.toIntExact(bytes() / runs());
  }

  /** Where run {@code i} starts in {@link #buffer}. */
  public int runOffset(int i) {
    if (axis < 0) return 0;
    long row = shape.inner(axis) * type.bytes();
    return Math.toIntExact((i * (long) held.rows() + span.from() - held.from()) * row);
  }

  /** Copies the rows that both show from here into {@code target}: gather and scatter in one pass, nothing in between. */
  public void copyTo(TensorSlice target) {
    requirePlain();
    RowSpan common = span.intersection(target.span).orElse(null);
    if (common == null || bytes() == 0) return;
    if (axis < 0) {
      target.buffer.bytes().put(0, buffer.bytes(), 0, (int) bytes());
      return;
    }
    int row = Math.toIntExact(shape.inner(axis) * type.bytes());
    int run = common.rows() * row;
    int from = (common.from() - held.from()) * row;
    int to = (common.from() - target.held.from()) * row;
    int fromStride = held.rows() * row;
    int toStride = target.held.rows() * row;
    ByteBuffer source = buffer.bytes();
    ByteBuffer sink = target.buffer.bytes();
    int outer = (int) shape.outer(axis);
    if (run == fromStride && run == toStride) sink.put(to, source, from, run * outer);
    else for (int i = 0; i < outer; i++) sink.put(to + i * toStride, source, from + i * fromStride, run);
  }

  @Override
  public String toString() {
    return "tensor %d %s%s rows %s".formatted(tensor, type, shape, span);
  }
}
