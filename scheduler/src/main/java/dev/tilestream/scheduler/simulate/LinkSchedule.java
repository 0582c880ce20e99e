package dev.tilestream.scheduler.simulate;

import java.util.Arrays;

/**
 * What a link delivers over time, by a clock of its own (a trace's). A simulation begins at some instant of it. Implementations are
 * immutable.
 */
public interface LinkSchedule {
  /** Goodput at this instant; 0 or nearly so in an outage. */
  double bytesPerSecond(double atSeconds);

  /** When {@code bytes} that begin at {@code startSeconds} are through: where the integral of the rate has come to them. */
  double endSeconds(double startSeconds, double bytes);

  /** The same rate for good. */
  static LinkSchedule constant(double bytesPerSecond) {
    return steps(new double[] {0}, new double[] {bytesPerSecond});
  }

  /**
   * Piecewise constant.
   *
   * @param fromSeconds when each rate begins to hold, ascending from 0; the last holds for good
   * @param bytesPerSecond none negative, the last above 0: every outage ends
   */
  static LinkSchedule steps(double[] fromSeconds, double[] bytesPerSecond) {
    return new StepSchedule(fromSeconds, bytesPerSecond, Double.POSITIVE_INFINITY);
  }

  /** The same, beginning again every {@code periodSeconds}; one of the rates must be above 0. */
  static LinkSchedule repeating(double[] fromSeconds, double[] bytesPerSecond, double periodSeconds) {
    return new StepSchedule(fromSeconds, bytesPerSecond, periodSeconds);
  }

  /** Samples at equal intervals, each holding until the next, beginning again after the last. */
  static LinkSchedule sampled(double[] bytesPerSecond, double intervalSeconds) {
    double[] from = new double[bytesPerSecond.length];
    Arrays.setAll(from, i -> i * intervalSeconds);
    return repeating(from, bytesPerSecond, bytesPerSecond.length * intervalSeconds);
  }
}
