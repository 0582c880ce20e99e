package dev.tilestream.graph.logged;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Typed, range-checked access to a JSON object; {@code where} names it in refusals. */
record Fields(String where, JsonNode object) {
  private static final int MAX_RANK = 8;
  private static final int MAX_EXTENT = 1 << 26;
  private static final long MAX_ELEMENTS = 1L << 40;

  boolean has(String name) {
    return object.hasNonNull(name);
  }

  String text(String name, int maxLength) {
    JsonNode n = object.get(name);
    if (n == null || !n.isTextual() || n.textValue().isEmpty() || n.textValue().length() > maxLength)
      throw refused(name, n, "a text of 1 to " + maxLength + " characters");
    return n.textValue();
  }

  boolean flag(String name) {
    JsonNode n = object.get(name);
    if (n == null) return false;
    if (!n.isBoolean()) throw refused(name, n, "true or false");
    return n.booleanValue();
  }

  long integer(String name, long min, long max) {
    return integer(name, object.get(name), min, max);
  }

  private long integer(String name, JsonNode n, long min, long max) {
    if (n == null || !n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < min || n.longValue() > max)
      throw refused(name, n, "an integer from %d to %d".formatted(min, max));
    return n.longValue();
  }

  int integerOr(String name, int min, int max, int otherwise) {
    return has(name) ? (int) integer(name, min, max) : otherwise;
  }

  /** Milliseconds; NaN when absent. */
  double millis(String name) {
    JsonNode n = object.get(name);
    if (n == null || n.isNull()) return Double.NaN;
    if (!n.isNumber() || !(n.doubleValue() >= 0 && n.doubleValue() <= 1e7)) throw refused(name, n, "milliseconds from 0 to 10000000");
    return n.doubleValue();
  }

  List<Integer> integers(String name, int maxCount, int min, int max) {
    List<Integer> all = new ArrayList<>();
    for (JsonNode n : array(name, maxCount)) all.add((int) integer(name, n, min, max));
    return all;
  }

  List<Shape> shapes(String name) {
    List<Shape> all = new ArrayList<>();
    for (JsonNode n : array(name, 64)) {
      if (!n.isArray() || n.size() > MAX_RANK) throw refused(name, n, "shapes of at most %d dimensions".formatted(MAX_RANK));
      int[] dims = new int[n.size()];
      double elements = 1;
      for (int i = 0; i < dims.length; i++) {
        dims[i] = (int) integer(name, n.get(i), 0, MAX_EXTENT);
        elements *= Math.max(1, dims[i]);
      }
      if (elements > MAX_ELEMENTS) throw refused(name, n, "at most %,d elements".formatted(MAX_ELEMENTS));
      all.add(Shape.of(dims));
    }
    return all;
  }

  JsonNode array(String name, int maxCount) {
    JsonNode n = object.get(name);
    if (n == null || !n.isArray()) throw refused(name, n, "an array");
    if (n.size() > maxCount)
      throw new ProfileRefused("%s: \"%s\" has %d entries (expected: at most %d)".formatted(where, name, n.size(), maxCount));
    return n;
  }

  private ProfileRefused refused(String name, JsonNode came, String expected) {
    String text = came == null ? "nothing" : came.toString();
    return new ProfileRefused("%s: \"%s\" is %s (expected: %s)"
        .formatted(where, name, text.length() > 60 ? text.substring(0, 60) + "..." : text, expected));
  }
}
