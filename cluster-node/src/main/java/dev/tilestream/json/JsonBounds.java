package dev.tilestream.json;

import java.nio.ByteBuffer;

/**
 * Looks at JSON byte by byte, as it arrives, and refuses what would make a parser take many times its size in memory or very long: a parser
 * keeps every name to find those that come twice, makes a string of each text and name, and needs the square of a number's digits. It takes
 * nothing itself and judges nothing else: what is no JSON is left to the parser to say.
 */
public final class JsonBounds {
  private final Limits limits;
  private boolean inText;
  private boolean escaped;
  private int text;
  private int number;
  private int depth;
  private int names;
  private int foreign = -1;

  /**
   * @param text bytes of one text or name
   * @param number characters of one number
   * @param depth of objects and arrays in each other
   * @param names of fields in all, whether they are alike or not
   */
  public record Limits(int text, int number, int depth, int names) {}

  /** It is beyond one of the limits; the message says which. */
  public static final class Exceeded extends IllegalArgumentException {
    Exceeded(String message) {
      super(message);
    }
  }

  public JsonBounds(Limits limits) {
    this.limits = limits;
  }

  /** @throws Exceeded at the first byte that is too much */
  public static void check(byte[] json, Limits limits) {
    JsonBounds bounds = new JsonBounds(limits);
    bounds.accept(ByteBuffer.wrap(json));
    bounds.end();
  }

  /**
   * That was all.
   *
   * @throws Exceeded when it was not UTF-8: in other encodings, which parsers would take, nothing that was counted means anything
   */
  public void end() {
    if (foreign >= 0) throw new Exceeded("byte 0x%02x (expected: UTF-8)".formatted(foreign));
  }

  /**
   * What comes next, from the buffer's position to its limit; the buffer stays as it is.
   *
   * @throws Exceeded at the first byte that is too much
   */
  public void accept(ByteBuffer json) {
    for (int i = json.position(); i < json.limit(); i++) {
      byte b = json.get(i);
      if (inText) text(b);
      else outside(b);
    }
  }

  private void text(byte b) {
    if (b == '"' && !escaped) {
      inText = false;
      return;
    }
    escaped = b == '\\' && !escaped;
    if (++text > limits.text) throw new Exceeded("a text of more than %d bytes (expected: at most %d)".formatted(limits.text, limits.text));
    encoding(b);
  }

  private void outside(byte b) {
    switch (b) {
      case '"' -> {
        inText = true;
        text = 0;
        number = 0;
      }
      case '[', '{' -> {
        if (++depth > limits.depth) throw new Exceeded("nested deeper than %d".formatted(limits.depth));
      }
      case ']', '}' -> {
        depth--;
        number = 0;
      }
      case ':' -> {
        if (++names > limits.names) throw new Exceeded("more than %d fields (expected: at most %d)".formatted(limits.names, limits.names));
        number = 0;
      }
      case ',', ' ', '\n', '\r', '\t' -> number = 0;
      default -> {
        if (++number > limits.number)
          throw new Exceeded("a number of more than %d characters (expected: at most %d characters)".formatted(limits.number, limits.number));
        encoding(b);
      }
    }
  }

  /** In UTF-8 these bytes don't occur; in UTF-16 and UTF-32 one of the first four is one of them. */
  private void encoding(byte b) {
    if (foreign < 0 && (b == 0 || b == (byte) 0xfe || b == (byte) 0xff)) foreign = b & 0xff;
  }
}
