package dev.tilestream.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Spans of time as people write them: {@code 1ms}, {@code 250us}, {@code 0.5s}, {@code 2m}. */
public final class Durations {
  private static final Pattern WRITTEN = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(us|ms|s|m)", Pattern.CASE_INSENSITIVE);
  private static final Map<String, Double> NANOS = Map.of("us", 1e3, "ms", 1e6, "s", 1e9, "m", 6e10);

  private Durations() {}

  /** @throws TypeConversionException that says what came and what was expected */
  public static Duration parse(String text) {
    Matcher written = WRITTEN.matcher(text.strip());
    if (!written.matches()) throw new TypeConversionException("'%s' is not a time (expected: e.g. 1ms, 250us, 0.5s)".formatted(text));
    return Duration.ofNanos(Math.round(Double.parseDouble(written.group(1)) * NANOS.get(written.group(2).toLowerCase(Locale.ROOT))));
  }

  /** In a form that {@link #parse} reads as the same time, to the microsecond. */
  static String text(Duration time) {
    return time.toNanos() / 1000 + "us";
  }
}
