package dev.tilestream.zoo;

import ai.onnxruntime.platform.Fp16Conversions;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * A whole tensor in memory of its own (direct, native order, freed by the garbage collector). Never changed once made.
 *
 * @param data exactly the elements' bytes
 */
public record Value(DataType type, Shape shape, ByteBuffer data) {
  public Value {
    if (!data.isDirect() || data.capacity() != shape.bytes(type))
      throw new IllegalArgumentException("value: %d bytes for %s%s (expected: %d, direct)".formatted(data.capacity(), type, shape, shape.bytes(type)));
  }

  /** The elements' bytes, position 0, a view. */
  @Override
  public ByteBuffer data() {
    return data.duplicate().clear().order(ByteOrder.nativeOrder());
  }

  static Value empty(DataType type, Shape shape) {
    return new Value(type, shape, ByteBuffer.allocateDirect(Math.toIntExact(shape.bytes(type))).order(ByteOrder.nativeOrder()));
  }

  /** A copy of bytes in native order. */
  public static Value of(DataType type, Shape shape, byte[] bytes) {
    Value value = empty(type, shape);
    value.data().put(bytes);
    return value;
  }

  /** A copy of a dense slice, with the slice's own shape; the slice stays the caller's. */
  public static Value copyOf(TensorSlice slice) {
    Value value = empty(slice.type(), slice.sliceShape());
    value.data().put(slice.data());
    return value;
  }

  /**
   * Seeded values: floats uniform in [-1, 1), integers over the small range that indices, labels and pixels have, booleans even.
   */
  public static Value random(DataType type, Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Value value = empty(type, shape);
    ByteBuffer b = value.data();
    while (b.hasRemaining()) {
      switch (type) {
        case FLOAT32 -> b.putFloat((float) random.nextDouble(-1, 1));
        case FLOAT64 -> b.putDouble(random.nextDouble(-1, 1));
        case FLOAT16 -> b.putShort(Fp16Conversions.floatToFp16((float) random.nextDouble(-1, 1)));
        case BFLOAT16 -> b.putShort(Fp16Conversions.floatToBf16((float) random.nextDouble(-1, 1)));
        case BOOL -> b.put((byte) random.nextInt(2));
        case UINT8 -> b.put((byte) random.nextInt(256));
        case INT8 -> b.put((byte) random.nextInt(-128, 128));
        case INT16, UINT16 -> b.putShort((short) random.nextInt(100));
        case INT32, UINT32 -> b.putInt(random.nextInt(100));
        case INT64, UINT64 -> b.putLong(random.nextInt(100));
      }
    }
    return value;
  }

  /** Rows {@code span} along {@code axis} in fresh memory of {@code pool}, owned by the caller. */
  public TensorSlice slice(BufferPool pool, int tensor, int axis, RowSpan span) {
    TensorSlice whole = slice(pool, tensor, axis);
    if (whole.span().equals(span)) return whole;
    try {
      TensorSlice part = TensorSlice.allocate(pool, tensor, type, shape, axis, span);
      whole.copyTo(part);
      return part;
    } finally {
      whole.release();
    }
  }

  /** All of it in fresh memory of {@code pool}, owned by the caller. */
  public TensorSlice slice(BufferPool pool, int tensor, int axis) {
    TensorSlice slice = TensorSlice.allocate(pool, tensor, type, shape, axis, TensorSlice.all(shape, axis));
    slice.data().put(data());
    return slice;
  }

  public byte[] bytes() {
    byte[] copy = new byte[data.capacity()];
    data().get(copy);
    return copy;
  }

  /** Element {@code i} as a number; booleans are 0 and 1. */
  public double at(int i) {
    ByteBuffer b = data.order() == ByteOrder.nativeOrder() ? data : data();
    return switch (type) {
      case FLOAT32 -> b.getFloat(i * 4);
      case FLOAT64 -> b.getDouble(i * 8);
      case FLOAT16 -> Fp16Conversions.fp16ToFloat(b.getShort(i * 2));
      case BFLOAT16 -> Fp16Conversions.bf16ToFloat(b.getShort(i * 2));
      case BOOL, INT8 -> b.get(i);
      case UINT8 -> b.get(i) & 0xff;
      case INT16 -> b.getShort(i * 2);
      case UINT16 -> b.getShort(i * 2) & 0xffff;
      case INT32 -> b.getInt(i * 4);
      case UINT32 -> b.getInt(i * 4) & 0xffffffffL;
      case INT64, UINT64 -> b.getLong(i * 8);
    };
  }

  /**
   * Largest absolute difference, relative to the largest finite magnitude of this (the expected) tensor; infinite when shape or type
   * differ or when one has a NaN or an infinity where the other has something else. Equal tensors give 0.
   */
  public double deviation(Value actual) {
    if (actual.type != type || !actual.shape.equals(shape)) return Double.POSITIVE_INFINITY;
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < shape.elements(); i++) {
      double e = at(i);
      double a = actual.at(i);
      if (Double.isFinite(e)) largest = Math.max(largest, Math.abs(e));
      if (e == a || Double.isNaN(e) && Double.isNaN(a)) continue;
      double d = Math.abs(e - a);
      difference = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(difference, d);
    }
    return difference == 0 ? 0 : difference / Math.max(largest, Double.MIN_NORMAL);
  }

  @Override
  public String toString() {
    return type.protocolName() + shape;
  }
}
