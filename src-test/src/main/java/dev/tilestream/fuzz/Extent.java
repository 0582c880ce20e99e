package dev.tilestream.fuzz;

import java.time.Duration;

/**
 * How far a campaign goes: to whichever end comes first.
 *
 * @param seed of the first case; the next has the next
 */
public record Extent(long seed, long cases, Duration time) {
  private static final Duration LONG = Duration.ofDays(1);

  public Extent {
    if (cases < 1 || time.isNegative() || time.isZero())
      throw new IllegalArgumentException("fuzz: %d cases, %s (expected: at least one, above zero)".formatted(cases, time));
  }

  public static Extent ofCases(long seed, long cases) {
    return new Extent(seed, cases, LONG);
  }

  public static Extent ofTime(long seed, Duration time) {
    return new Extent(seed, Long.MAX_VALUE, time);
  }
}
