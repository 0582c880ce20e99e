package dev.tilestream.tile;

import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Halves;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;

/**
 * Collects the rows {@code need} of one tensor from slices that come in any order, overlap, or come twice. One slice that has all of
 * them in one piece is taken by reference; otherwise rows are copied, once, into a pooled buffer. Not thread-safe.
 */
final class Assembly {
  private final Tensor tensor;
  private final RowSpan need;
  private final BufferPool pool;
  private BitSet covered;
  private TensorSlice target;
  private boolean complete;

  Assembly(Tensor tensor, RowSpan need, BufferPool pool) {
    this.tensor = tensor;
    this.need = need;
    this.pool = pool;
  }

  Tensor tensor() {
    return tensor;
  }

  boolean complete() {
    return complete;
  }

  /**
   * Takes over the slice's reference, whatever happens. Rows of floats that crossed a link at half precision become floats again.
   *
   * @throws IllegalArgumentException when these are not rows of this tensor
   * @throws BufferPool.Exhausted when there is no memory to collect in
   */
  void add(TensorSlice slice) {
    if (slice.type() == DataType.FLOAT16 && tensor.type() == DataType.FLOAT32) widened(slice).ifPresent(this::addPlain);
    else addPlain(slice);
  }

  /** Takes the slice over; empty when nobody needs it. */
  private Optional<TensorSlice> widened(TensorSlice half) {
    try {
      return complete ? Optional.empty() : Optional.of(Halves.widen(half, pool));
    } finally {
      half.release();
    }
  }

  private void addPlain(TensorSlice slice) {
    boolean kept = false;
    try {
      check(slice);
      RowSpan common = complete ? null : slice.span().intersection(need).orElse(null);
      if (common == null) return;
      if (covered == null && common.equals(need)) {
        target = tensor.dynamic() ? slice : inOnePiece(slice);
        kept = target != null;
        complete = kept;
        if (kept) return;
      }
      copy(slice, common);
    } finally {
      if (!kept) slice.release();
    }
  }

  private void copy(TensorSlice slice, RowSpan common) {
    int from = common.from() - need.from();
    int to = common.to() - need.from();
    if (covered == null) {
      target = TensorSlice.allocate(pool, tensor.id(), slice.type(), slice.shape(), slice.axis(), need);
      covered = new BitSet(need.rows());
    } else if (covered.nextClearBit(from) >= to) {
      return;
    }
    slice.copyTo(target);
    covered.set(from, to);
    complete = covered.nextClearBit(0) >= need.rows();
  }

  /** The rows needed as a dense slice of the same memory, with the given slice's reference; null when they are strided. */
  private TensorSlice inOnePiece(TensorSlice slice) {
    if (slice.dense() && slice.span().equals(need)) return slice;
    if (slice.axis() > 0 && slice.shape().outer(slice.axis()) != 1) return null;
    long row = slice.bytes() / slice.span().rows();
    int from = Math.toIntExact((need.from() - slice.held().from()) * row);
    ByteBuffer part = slice.buffer().bytes().position(from).limit(from + Math.toIntExact(need.rows() * row));
    return TensorSlice.of(slice.tensor(), slice.type(), slice.shape(), slice.axis(), need, NativeBuffer.wrap(part, slice.buffer()::release));
  }

  private void check(TensorSlice slice) {
    boolean fits = slice.type() == tensor.type() && slice.axis() == tensor.axis() && (tensor.dynamic() || slice.shape().equals(tensor.shape()));
    if (!fits)
      throw new IllegalArgumentException(
          "rows of %s: %s %s along axis %d (expected: %s %s along axis %d)"
              .formatted(
                  tensor.name(), slice.type(), slice.shape(), slice.axis(), tensor.type(),
                  tensor.dynamic() ? "of any shape" : tensor.shape(), tensor.axis()));
  }

  /** The rows, dense; the caller owns them now. Only when {@link #complete}. */
  TensorSlice take() {
    if (!complete) throw new IllegalStateException("rows %s of %s: taken before they were complete".formatted(need, tensor.name()));
    TensorSlice taken = target;
    target = null;
    return taken;
  }

  /** Drops what was collected and not taken. */
  void release() {
    if (target != null) target.release();
    target = null;
    complete = true;
  }
}
