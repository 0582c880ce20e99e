package dev.tilestream.api;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.HalfFloat;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Elements of a tensor as JSON, flat in row-major order. JSON has no word for numbers that are not finite: they are the texts {@code
 * "NaN"}, {@code "Infinity"} and {@code "-Infinity"}, as in Protobuf's JSON mapping; the same texts are taken as input of floating-point
 * tensors.
 */
final class TensorJson {
  private TensorJson() {}

  /** Writes one array. {@code data}: elements in native order, from position 0 to the limit. */
  static void write(JsonGenerator json, DataType type, ByteBuffer data) throws IOException {
    int elements = data.limit() / type.bytes();
    json.writeStartArray();
    for (int i = 0; i < elements; i++) element(json, type, data, i);
    json.writeEndArray();
  }

  private static void element(JsonGenerator json, DataType type, ByteBuffer data, int i) throws IOException {
    switch (type) {
      case FLOAT32 -> floating(json, data.getFloat(i * 4));
      case FLOAT64 -> floating(json, data.getDouble(i * 8));
      case FLOAT16 -> floating(json, HalfFloat.fromFloat16(data.getShort(i * 2)));
      case BFLOAT16 -> floating(json, HalfFloat.fromBfloat16(data.getShort(i * 2)));
      case BOOL -> json.writeBoolean(data.get(i) != 0);
      case INT8 -> json.writeNumber(data.get(i));
      case UINT8 -> json.writeNumber(data.get(i) & 0xff);
      case INT16 -> json.writeNumber(data.getShort(i * 2));
      case UINT16 -> json.writeNumber(data.getShort(i * 2) & 0xffff);
      case INT32 -> json.writeNumber(data.getInt(i * 4));
      case UINT32 -> json.writeNumber(data.getInt(i * 4) & 0xffffffffL);
      case INT64 -> json.writeNumber(data.getLong(i * 8));
      case UINT64 -> json.writeNumber(Long.toUnsignedString(data.getLong(i * 8)));
    }
  }

  private static void floating(JsonGenerator json, float value) throws IOException {
    if (Float.isFinite(value)) json.writeNumber(value);
    else json.writeString(Float.toString(value));
  }

  private static void floating(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) json.writeNumber(value);
    else json.writeString(Double.toString(value));
  }
}
