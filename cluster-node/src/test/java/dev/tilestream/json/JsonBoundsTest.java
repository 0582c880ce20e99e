package dev.tilestream.json;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBoundsTest {
  private static final JsonBounds.Limits LIMITS = new JsonBounds.Limits(6, 4, 3, 2);
  private static final JsonBounds.Limits WIDE = new JsonBounds.Limits(100, 100, 10, 10);

  /** Whole, and byte by byte. */
  private static void check(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    JsonBounds.check(bytes, LIMITS);
    JsonBounds bounds = new JsonBounds(LIMITS);
    for (int i = 0; i < bytes.length; i++) bounds.accept(ByteBuffer.wrap(bytes, i, 1));
    bounds.end();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{\"a\": [1234, 1234, {}], \"b\": \"12345\"}", "[[[]], [[]], [[]]]", "[\":::\", \"[[[[\", \"\\\"[[[\"]", "1234", "true", "\"\\\\\"", "",
    "\u00e9", "}}}}[[["
  })
  void whatIsWithinTheLimitsIsLeftToTheParser(String json) {
    assertThatCode(() -> check(json)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ["1234567"]         | a text of more than 6 bytes
      {"1234567": 1}      | a text of more than 6 bytes
      ["\\"\\"\\"\\"]     | a text of more than 6 bytes
      [12345]             | a number of more than 4 characters
      [1.2e5]             | a number of more than 4 characters
      false               | a number of more than 4 characters
      [[[[                | nested deeper than 3
      [{"a":[{            | nested deeper than 3
      {"a":1,"a":1,"a":1} | more than 2 fields
      """)
  void whatIsBeyondOneOfThemIsRefusedByName(String json, String why) {
    assertThatThrownBy(() -> check(json)).isInstanceOf(JsonBounds.Exceeded.class).hasMessageStartingWith(why);
  }

  @Test
  void otherEncodingsAreRefusedBeforeTheyCanHideAnything() {
    for (var encoding : new java.nio.charset.Charset[] {
        StandardCharsets.UTF_16, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE, java.nio.charset.Charset.forName("UTF-32")})
      assertThatThrownBy(() -> JsonBounds.check("{\"a\": 1}".getBytes(encoding), WIDE)).hasMessageContaining("expected: UTF-8");
  }
}
