package dev.tilestream.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.HalfFloat;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * Reads the {@code data} of one tensor from JSON into memory: flat, or nested exactly as the shape says. Refuses what does not fit the
 * type.
 */
final class ElementReader {
  /** Longer numbers are an attack on the parser: a float64 needs 24 characters, its exact decimal form at most about 770. */
  private static final int LONGEST_NUMBER = 1100;

  private final String input;
  private final DataType type;
  private final Shape shape;
  private final ByteBuffer target;
  private int next;

  /** @param target of exactly the tensor's size, native order */
  ElementReader(String input, DataType type, Shape shape, ByteBuffer target) {
    this.input = input;
    this.type = type;
    this.shape = shape;
    this.target = target;
  }

  /** The parser stands on the value of {@code data}, and afterwards on its last token. */
  void read(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.START_ARRAY) array(json);
    else if (shape.rank() == 0) element(json);
    else throw wrong("data: %s (expected: an array of %d elements)".formatted(Json.said(json), shape.elements()));
    if (next != shape.elements()) throw wrong("data: %d elements (expected: %d, for shape %s)".formatted(next, shape.elements(), shape));
  }

  private void array(JsonParser json) throws IOException {
    int[] counts = new int[shape.rank() + 1];
    boolean nested = false;
    int depth = 1;
    for (JsonToken token = json.nextToken(); ; token = json.nextToken()) {
      if (token == null) throw wrong("data: ends early (expected: %d elements)".formatted(shape.elements()));
      if (token == JsonToken.START_ARRAY) {
        nested |= shape.rank() > 0 && next == 0 && depth == 1 && counts[1] == 0;
        if (!nested || depth >= shape.rank()) throw wrong("data: nested deeper or otherwise than shape %s".formatted(shape));
        counts[depth++]++;
        counts[depth] = 0;
      } else if (token == JsonToken.END_ARRAY) {
        if (nested && counts[depth] != shape.dim(depth - 1))
          throw wrong("data: %d entries at depth %d (expected: %d, for shape %s)"
              .formatted(counts[depth], depth, shape.dim(depth - 1), shape));
        if (--depth == 0) return;
      } else {
        if (nested && depth != shape.rank())
          throw wrong("data: %s at depth %d (expected: shape %s)".formatted(Json.said(json), depth, shape));
        if (nested) counts[depth]++;
        element(json);
      }
    }
  }

  private void element(JsonParser json) throws IOException {
    if (next >= shape.elements())
      throw wrong("data: more than %d elements (expected: as many as shape %s has)".formatted(shape.elements(), shape));
    int i = next++;
    switch (type) {
      case FLOAT32 -> target.putFloat(i * 4, single(json));
      case FLOAT64 -> target.putDouble(i * 8, floating(json));
      case FLOAT16 -> target.putShort(i * 2, half(json));
      case BFLOAT16 -> target.putShort(i * 2, brainHalf(json));
      case BOOL -> target.put(i, bool(json));
      case INT8 -> target.put(i, (byte) whole(json, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT8 -> target.put(i, (byte) whole(json, 0, 0xff));
      case INT16 -> target.putShort(i * 2, (short) whole(json, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT16 -> target.putShort(i * 2, (short) whole(json, 0, 0xffff));
      case INT32 -> target.putInt(i * 4, (int) whole(json, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UINT32 -> target.putInt(i * 4, (int) whole(json, 0, 0xffffffffL));
      case INT64 -> target.putLong(i * 8, whole(json, Long.MIN_VALUE, Long.MAX_VALUE));
      case UINT64 -> target.putLong(i * 8, unsigned(json));
    }
  }

  private float single(JsonParser json) throws IOException {
    double value = floating(json);
    float rounded = (float) value;
    if (Float.isInfinite(rounded) && !Double.isInfinite(value)) throw outside(json);
    return rounded;
  }

  private short half(JsonParser json) throws IOException {
    float value = single(json);
    short bits = HalfFloat.toFloat16(value);
    if (Float.isInfinite(HalfFloat.fromFloat16(bits)) && !Float.isInfinite(value)) throw outside(json);
    return bits;
  }

  private short brainHalf(JsonParser json) throws IOException {
    float value = single(json);
    short bits = HalfFloat.toBfloat16(value);
    if (Float.isInfinite(HalfFloat.fromBfloat16(bits)) && !Float.isInfinite(value)) throw outside(json);
    return bits;
  }

  private double floating(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
      checkLength(json);
      double value = json.getDoubleValue();
      if (Double.isInfinite(value)) throw outside(json);
      return value;
    }
    if (token == JsonToken.VALUE_STRING) {
      switch (json.getText()) {
        case "NaN":
          return Double.NaN;
        case "Infinity":
          return Double.POSITIVE_INFINITY;
        case "-Infinity":
          return Double.NEGATIVE_INFINITY;
        default:
      }
    }
    throw element(json, "a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
  }

  private long whole(JsonParser json, long least, long most) throws IOException {
    checkWhole(json);
    // 19 digits and a sign is the longest long; more digits may still be one only with leading zeros, which JSON forbids.
    if (json.getTextLength() > 20) throw outside(json);
    BigInteger value = json.getTextLength() < 19 ? null : json.getBigIntegerValue();
    if (value != null && value.bitLength() > 63) throw outside(json);
    long number = value == null ? json.getLongValue() : value.longValue();
    if (number < least || number > most) throw outside(json);
    return number;
  }

  private long unsigned(JsonParser json) throws IOException {
    checkWhole(json);
    if (json.getTextLength() > 20) throw outside(json);
    BigInteger value = json.getBigIntegerValue();
    if (value.signum() < 0 || value.bitLength() > 64) throw outside(json);
    return value.longValue();
  }

  private byte bool(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> 1;
      case VALUE_FALSE -> 0;
      case VALUE_NUMBER_INT -> (byte) whole(json, 0, 1);
      default -> throw element(json, "true or false");
    };
  }

  private void checkWhole(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) throw element(json, "a whole number");
  }

  private void checkLength(JsonParser json) throws IOException {
    if (json.getTextLength() > LONGEST_NUMBER)
      throw element(json, "at most %d characters".formatted(LONGEST_NUMBER));
  }

  private ApiError outside(JsonParser json) throws IOException {
    return element(json, "within the range of " + type.protocolName());
  }

  private ApiError element(JsonParser json, String expected) throws IOException {
    return wrong("element %d: %s (expected: %s, for %s)".formatted(next - 1, Json.said(json), expected, type.protocolName()));
  }

  private ApiError wrong(String what) {
    return ApiError.badRequest("input \"%s\": %s", input, what);
  }

}
