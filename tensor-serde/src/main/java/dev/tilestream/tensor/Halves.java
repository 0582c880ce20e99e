package dev.tilestream.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * Rows of {@link DataType#FLOAT32} at half precision, for the way between two devices. Rounded to the nearest, ties to even: relative to its
 * value an element is off by at most 2^-11, below 6e-5 by at most 2^-25. What is finite stays finite: beyond 65504 it becomes that. Pure.
 */
public final class Halves {
  /** The largest that half precision has. */
  private static final float LARGEST = 65504;
  /** Elements that are converted at a time: both arrays stay in the first cache. */
  private static final int BLOCK = 1024;

  private Halves() {}

  /**
   * The rows shown as dense {@link DataType#FLOAT16}, owned by the caller; {@code rows} stays the caller's.
   *
   * @throws BufferPool.Exhausted when there is no memory for them
   */
  public static TensorSlice narrow(TensorSlice rows, BufferPool pool) {
    require(rows, DataType.FLOAT32);
    TensorSlice half = TensorSlice.allocate(pool, rows.tensor(), DataType.FLOAT16, rows.shape(), rows.axis(), rows.span());
    ShortBuffer to = half.data().asShortBuffer();
    float[] floats = new float[BLOCK];
    short[] halves = new short[BLOCK];
    for (int run = 0; run < rows.runs(); run++) {
      FloatBuffer from = run(rows, run).asFloatBuffer();
      while (from.hasRemaining()) {
        int n = Math.min(BLOCK, from.remaining());
        from.get(floats, 0, n);
        for (int i = 0; i < n; i++) halves[i] = HalfFloat.toFloat16(within(floats[i]));
        to.put(halves, 0, n);
      }
    }
    return half;
  }

  /**
   * The rows shown as dense {@link DataType#FLOAT32}, owned by the caller; {@code half} stays the caller's.
   *
   * @throws BufferPool.Exhausted when there is no memory for them
   */
  public static TensorSlice widen(TensorSlice half, BufferPool pool) {
    require(half, DataType.FLOAT16);
    TensorSlice rows = TensorSlice.allocate(pool, half.tensor(), DataType.FLOAT32, half.shape(), half.axis(), half.span());
    FloatBuffer to = rows.data().asFloatBuffer();
    float[] floats = new float[BLOCK];
    short[] halves = new short[BLOCK];
    for (int run = 0; run < half.runs(); run++) {
      ShortBuffer from = run(half, run).asShortBuffer();
      while (from.hasRemaining()) {
        int n = Math.min(BLOCK, from.remaining());
        from.get(halves, 0, n);
        for (int i = 0; i < n; i++) floats[i] = HalfFloat.fromFloat16(halves[i]);
        to.put(floats, 0, n);
      }
    }
    return rows;
  }

  private static float within(float value) {
    boolean beyond = Math.abs(value) > LARGEST && Math.abs(value) <= Float.MAX_VALUE;
    return beyond ? Math.copySign(LARGEST, value) : value;
  }

  private static ByteBuffer run(TensorSlice slice, int run) {
    return slice.buffer().bytes().slice(slice.runOffset(run), slice.runBytes()).order(ByteOrder.nativeOrder());
  }

  private static void require(TensorSlice slice, DataType type) {
    if (slice.type() != type || slice.packed())
      throw new IllegalArgumentException("slice: %s%s (expected: plain %s)".formatted(slice, slice.packed() ? ", packed" : "", type));
  }
}
