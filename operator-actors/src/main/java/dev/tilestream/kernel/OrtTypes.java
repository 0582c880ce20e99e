package dev.tilestream.kernel;

import ai.onnxruntime.OnnxJavaType;
import dev.tilestream.tensor.DataType;

/** How element types pass through ONNX Runtime's Java API, which has no unsigned ones above a byte. */
final class OrtTypes {
  private OrtTypes() {}

  /** The type that crosses the API in place of {@code type}: of the same size, so that a cast between both keeps every bit. */
  static DataType carrier(DataType type) {
    return switch (type) {
      case UINT16 -> DataType.INT16;
      case UINT32 -> DataType.INT32;
      case UINT64 -> DataType.INT64;
      default -> type;
    };
  }

  static OnnxJavaType java(DataType type) {
    return switch (carrier(type)) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      default -> throw new IllegalStateException("no carrier for " + type);
    };
  }
}
