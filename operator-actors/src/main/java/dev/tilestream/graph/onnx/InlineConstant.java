package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.DataType;
import java.nio.ByteBuffer;
import onnx.Onnx;

/** The many ways in which an ONNX tensor holds its values, as little-endian bytes and as numbers. */
final class InlineConstant {
  private InlineConstant() {}

  /** @param into little endian, exactly the tensor's size */
  static void write(Onnx.TensorProto t, ByteBuffer into) {
    if (!t.getRawData().isEmpty()) {
      if (t.getRawData().size() != into.remaining())
        throw new ModelRefused("initializer %s: %d bytes (expected: %d)".formatted(t.getName(), t.getRawData().size(), into.remaining()));
      t.getRawData().copyTo(into);
      return;
    }
    DataType type = DataType.of(t.getDataType());
    int n = into.remaining() / type.bytes();
    int given = count(t, type);
    if (given != n) throw new ModelRefused("initializer %s: %d values (expected: %d)".formatted(t.getName(), given, n));
    for (int i = 0; i < n; i++) {
      switch (type) {
        case FLOAT32 -> into.putFloat(t.getFloatData(i));
        case FLOAT64 -> into.putDouble(t.getDoubleData(i));
        case INT64 -> into.putLong(t.getInt64Data(i));
        case UINT64 -> into.putLong(t.getUint64Data(i));
        case UINT32 -> into.putInt((int) t.getUint64Data(i));
        case INT32 -> into.putInt(t.getInt32Data(i));
        case INT16, UINT16, FLOAT16, BFLOAT16 -> into.putShort((short) t.getInt32Data(i));
        case INT8, UINT8, BOOL -> into.put((byte) t.getInt32Data(i));
      }
    }
  }

  private static int count(Onnx.TensorProto t, DataType type) {
    return switch (type) {
      case FLOAT32 -> t.getFloatDataCount();
      case FLOAT64 -> t.getDoubleDataCount();
      case INT64 -> t.getInt64DataCount();
      case UINT64, UINT32 -> t.getUint64DataCount();
      default -> t.getInt32DataCount();
    };
  }

  static double[] values(DataType type, ByteBuffer bytes) {
    double[] out = new double[bytes.remaining() / type.bytes()];
    for (int i = 0; i < out.length; i++) {
      out[i] = switch (type) {
        case FLOAT32 -> bytes.getFloat();
        case FLOAT64 -> bytes.getDouble();
        case INT64, UINT64 -> bytes.getLong();
        case INT32 -> bytes.getInt();
        case UINT32 -> Integer.toUnsignedLong(bytes.getInt());
        case INT16 -> bytes.getShort();
        case UINT16 -> Short.toUnsignedInt(bytes.getShort());
        case FLOAT16 -> half(bytes.getShort());
        case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort() << 16);
        case INT8, BOOL -> bytes.get();
        case UINT8 -> Byte.toUnsignedInt(bytes.get());
      };
    }
    return out;
  }

  /** IEEE 754 binary16. */
  private static double half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude = exponent == 0 ? Math.scalb((double) fraction, -24)
        : exponent == 31 ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN) : Math.scalb(1024.0 + fraction, exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }
}
