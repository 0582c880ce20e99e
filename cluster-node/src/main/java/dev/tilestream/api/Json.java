package dev.tilestream.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;

/** How JSON from outside is read: token by token, with bounds on depth and text, and errors that say where. */
final class Json {
  /** Field names from outside are not interned: they would stay for ever. (Without canonical names, Jackson knows no byte offsets.) */
  static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .build();

  private static final int DEEPEST = 32;
  private static final int LONGEST_NUMBER = 64;

  private Json() {}

  /** Passes over the value that the parser stands on. */
  static void skip(JsonParser json) throws IOException {
    int depth = 0;
    for (JsonToken token = json.currentToken(); ; token = json.nextToken()) {
      if (token == null) throw ApiError.badRequest("JSON: ends early");
      if (token.isStructStart() && ++depth > DEEPEST) throw ApiError.badRequest("JSON: nested deeper than %d", DEEPEST);
      if (token.isStructEnd()) depth--;
      if (depth == 0) return;
    }
  }

  static String text(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) throw expected(json, field, "a text");
    return json.getText();
  }

  static boolean bool(JsonParser json, String field) throws IOException {
    if (!json.currentToken().isBoolean()) throw expected(json, field, "true or false");
    return json.getBooleanValue();
  }

  /** Any whole number that fits a long. */
  static long whole(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getTextLength() > LONGEST_NUMBER)
      throw expected(json, field, "a whole number");
    if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) throw expected(json, field, "a 64-bit whole number");
    return json.getLongValue();
  }

  static double number(JsonParser json, String field) throws IOException {
    if (!json.currentToken().isNumeric() || json.getTextLength() > LONGEST_NUMBER) throw expected(json, field, "a number");
    return json.getDoubleValue();
  }

  static void startArray(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) throw expected(json, field, "an array");
  }

  static void startObject(JsonParser json, String field) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) throw expected(json, field, "an object");
  }

  static ApiError expected(JsonParser json, String field, String what) throws IOException {
    return ApiError.badRequest("%s: %s (expected: %s)", field, said(json), what);
  }

  /** What stands there, as short as an error can carry. */
  static String said(JsonParser json) throws IOException {
    if (json.currentToken() == null) return "nothing";
    String text = json.getTextLength() > 40 ? new String(json.getTextCharacters(), json.getTextOffset(), 40) + "..." : json.getText();
    return json.currentToken() == JsonToken.VALUE_STRING ? "\"" + text + "\"" : text;
  }

  /** @param e from a parser over memory, so what was wrong is the text */
  static ApiError wrong(IOException e) {
    if (e instanceof JsonProcessingException j && j.getLocation() != null)
      return ApiError.badRequest("JSON, line %d, column %d: %s", j.getLocation().getLineNr(), j.getLocation().getColumnNr(),
          j.getOriginalMessage());
    return ApiError.badRequest("JSON: %s", e.getMessage());
  }
}
