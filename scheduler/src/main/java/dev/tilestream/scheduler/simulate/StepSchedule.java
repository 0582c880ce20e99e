package dev.tilestream.scheduler.simulate;

import java.util.Arrays;

/** A piecewise constant rate, once or over and over. */
final class StepSchedule implements LinkSchedule {
  private final double[] from;
  private final double[] rates;
  private final double period;

  StepSchedule(double[] fromSeconds, double[] bytesPerSecond, double periodSeconds) {
    if (fromSeconds.length == 0 || fromSeconds.length != bytesPerSecond.length)
      throw new IllegalArgumentException("schedule: %d instants, %d rates (expected: as many, at least 1)"
          .formatted(fromSeconds.length, bytesPerSecond.length));
    from = fromSeconds.clone();
    rates = bytesPerSecond.clone();
    period = periodSeconds;
    for (int i = 0; i < from.length; i++) {
      if (i == 0 ? from[0] != 0 : !(from[i] > from[i - 1]))
        throw new IllegalArgumentException("schedule: instant %d is %s s (expected: ascending from 0)".formatted(i, from[i]));
      if (!(rates[i] >= 0 && rates[i] < Double.POSITIVE_INFINITY))
        throw new IllegalArgumentException("schedule: rate %d is %s bytes/s (expected: finite, not negative)".formatted(i, rates[i]));
    }
    if (!(period > from[from.length - 1]))
      throw new IllegalArgumentException("schedule: repeats after %s s (expected: after its last instant, %s s)"
          .formatted(period, from[from.length - 1]));
    boolean ends = Double.isInfinite(period) ? rates[rates.length - 1] > 0 : Arrays.stream(rates).anyMatch(r -> r > 0);
    if (!ends) throw new IllegalArgumentException("schedule: an outage that never ends (expected: a rate above 0 at last)");
  }

  @Override
  public double bytesPerSecond(double atSeconds) {
    return rates[piece(phase(atSeconds))];
  }

  @Override
  public double endSeconds(double startSeconds, double bytes) {
    double phase = phase(startSeconds);
    int i = piece(phase);
    double passed = 0;
    double left = bytes;
    while (left > 0) {
      double end = i + 1 < from.length ? from[i + 1] : period;
      double carries = rates[i] == 0 ? 0 : (end - phase) * rates[i];
      if (carries >= left) return startSeconds + passed + left / rates[i];
      left -= carries;
      passed += end - phase;
      i = i + 1 < from.length ? i + 1 : 0;
      phase = from[i];
    }
    return startSeconds + passed;
  }

  private double phase(double seconds) {
    if (!(seconds >= 0)) throw new IllegalArgumentException("schedule: asked for %s s (expected: not negative)".formatted(seconds));
    if (Double.isInfinite(period) || seconds < period) return seconds;
    double phase = seconds - Math.floor(seconds / period) * period;
    return phase < 0 || phase >= period ? 0 : phase;
  }

  /** Index of the piece that holds at {@code phase}. */
  private int piece(double phase) {
    int at = Arrays.binarySearch(from, phase);
    return at >= 0 ? at : -at - 2;
  }
}
