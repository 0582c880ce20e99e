package dev.tilestream.repository;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * A version of a model. Both parts become names of directories, so both are narrow: nothing in them can lead out of one.
 *
 * @param name letters, digits, {@code . _ -}; does not start with a dot or dash, has no two dots in a row, at most 128 characters
 * @param version a whole number without leading zeros, at most 18 digits
 */
public record ModelId(String name, String version) implements Comparable<ModelId> {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern VERSION = Pattern.compile("0|[1-9][0-9]{0,17}");
  private static final Comparator<ModelId> ORDER = Comparator.comparing(ModelId::name).thenComparingLong(ModelId::number);

  public ModelId {
    checkName(name);
    checkVersion(version);
  }

  /** @throws IllegalArgumentException that says what came and what is expected */
  public static String checkName(String name) {
    if (isName(name)) return name;
    throw new IllegalArgumentException(
        "model name: %s (expected: 1 to 128 of A-Z a-z 0-9 . _ - , no leading . or -, no ..)".formatted(printable(name)));
  }

  /** @throws IllegalArgumentException that says what came and what is expected */
  public static String checkVersion(String version) {
    if (isVersion(version)) return version;
    throw new IllegalArgumentException("model version: %s (expected: a whole number, without leading zeros)".formatted(printable(version)));
  }

  static boolean isName(String name) {
    return NAME.matcher(name).matches() && !name.contains("..");
  }

  static boolean isVersion(String version) {
    return VERSION.matcher(version).matches();
  }

  /** Names from outside end up in logs and answers: shortened, and without control characters. */
  private static String printable(String text) {
    String cut = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return "\"" + cut.replaceAll("[^\\x20-\\x7e]", "?") + "\"";
  }

  public long number() {
    return Long.parseLong(version);
  }

  /** By name, then by number. */
  @Override
  public int compareTo(ModelId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return name + "/" + version;
  }
}
