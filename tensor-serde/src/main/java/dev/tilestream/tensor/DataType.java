package dev.tilestream.tensor;

import java.nio.ByteBuffer;

/**
 * Element type of a tensor. Codes are ONNX's {@code TensorProto.DataType} numbers; they are also the codes on the wire. Strings and
 * sub-byte types have no fixed-size elements and stay inside ONNX Runtime.
 */
public enum DataType {
  FLOAT32(1, 4, "FP32"),
  UINT8(2, 1, "UINT8"),
  INT8(3, 1, "INT8"),
  UINT16(4, 2, "UINT16"),
  INT16(5, 2, "INT16"),
  INT32(6, 4, "INT32"),
  INT64(7, 8, "INT64"),
  BOOL(9, 1, "BOOL"),
  FLOAT16(10, 2, "FP16"),
  FLOAT64(11, 8, "FP64"),
  UINT32(12, 4, "UINT32"),
  UINT64(13, 8, "UINT64"),
  BFLOAT16(16, 2, "BF16");

  private static final DataType[] BY_CODE = new DataType[17];

  static {
    for (DataType type : values()) BY_CODE[type.code] = type;
  }

  private final int code;
  private final int bytes;
  private final String protocolName;

  DataType(int code, int bytes, String protocolName) {
    this.code = code;
    this.bytes = bytes;
    this.protocolName = protocolName;
  }

  /** ONNX's number of this type. */
  public int code() {
    return code;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Name in the Open Inference Protocol. */
  public String protocolName() {
    return protocolName;
  }

  /**
   * Element {@code index} of {@code data} as a number; large 64-bit integers lose their last digits.
   *
   * @param data elements of this type from position 0 on, in the buffer's own byte order
   */
  public double element(ByteBuffer data, int index) {
    int at = index * bytes;
    return switch (this) {
      case FLOAT32 -> data.getFloat(at);
      case FLOAT64 -> data.getDouble(at);
      case INT8 -> data.get(at);
      case UINT8, BOOL -> data.get(at) & 0xff;
      case INT16 -> data.getShort(at);
      case UINT16 -> data.getShort(at) & 0xffff;
      case INT32 -> data.getInt(at);
      case UINT32 -> data.getInt(at) & 0xffff_ffffL;
      case INT64 -> data.getLong(at);
      case UINT64 -> unsigned(data.getLong(at));
      case BFLOAT16 -> HalfFloat.fromBfloat16(data.getShort(at));
      case FLOAT16 -> HalfFloat.fromFloat16(data.getShort(at));
    };
  }

  private static double unsigned(long bits) {
    return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
  }

  /** True when this system can hold tensors of ONNX's type number {@code code}. */
  public static boolean knows(int code) {
    return code >= 0 && code < BY_CODE.length && BY_CODE[code] != null;
  }

  /** @throws IllegalArgumentException when {@link #knows} is false */
  public static DataType of(int code) {
    if (!knows(code)) throw new IllegalArgumentException("data type: " + code + " (expected: a fixed-size ONNX element type)");
    return BY_CODE[code];
  }

  /** @throws IllegalArgumentException when no type has that protocol name */
  public static DataType ofProtocolName(String name) {
    for (DataType type : values()) if (type.protocolName.equals(name)) return type;
    throw new IllegalArgumentException("datatype: " + name + " (expected: one of FP32, FP16, UINT8, INT8, INT32, INT64, BOOL, FP64, ...)");
  }
}
