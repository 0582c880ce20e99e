package dev.tilestream.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** What a link carries, written as network people do: {@code 93mbit}, {@code 400kbit}, {@code 1.5gbit}; decimal units. */
public record LinkRate(double bitsPerSecond) {
  private static final Pattern WRITTEN = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmg]?)bit(?:/s)?", Pattern.CASE_INSENSITIVE);
  private static final Map<String, Double> UNITS = Map.of("", 1.0, "k", 1e3, "m", 1e6, "g", 1e9);

  public LinkRate {
    if (!(bitsPerSecond > 0) || Double.isInfinite(bitsPerSecond))
      throw new IllegalArgumentException("rate: %s bit/s (expected: above 0)".formatted(bitsPerSecond));
  }

  /** @throws TypeConversionException that says what came and what was expected */
  public static LinkRate parse(String text) {
    Matcher written = WRITTEN.matcher(text.strip());
    double bits = written.matches() ? Double.parseDouble(written.group(1)) * UNITS.get(written.group(2).toLowerCase(Locale.ROOT)) : 0;
    if (bits <= 0) throw new TypeConversionException("'%s' is not a rate (expected: e.g. 93mbit, 400kbit, 1gbit)".formatted(text));
    return new LinkRate(bits);
  }

  public double bytesPerSecond() {
    return bitsPerSecond / 8;
  }

  /** In a form that {@link #parse} reads as the same rate. */
  @Override
  public String toString() {
    if (bitsPerSecond >= 1e6) return number(bitsPerSecond / 1e6) + "mbit";
    if (bitsPerSecond >= 1e3) return number(bitsPerSecond / 1e3) + "kbit";
    return number(bitsPerSecond) + "bit";
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString(Math.round(value)) : new BigDecimal(Double.toString(value)).toPlainString();
  }
}
