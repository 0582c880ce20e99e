package dev.tilestream.scheduler.profile;

import java.util.Arrays;

/**
 * The last few values of something noisy: their median, and how far it may be off. The median is not moved by less than half of them, and
 * not trusted unless three quarters agree.
 */
final class RobustWindow {
  /** Part of the values whose scatter about the median counts; what one standard deviation is of that, for a normal distribution. */
  private static final double AGREEING = 0.75;
  private static final double TO_SIGMA = 1 / 1.1503;
  /** The standard error of a median is by this above that of a mean. */
  private static final double MEDIAN_ERROR = 1.2533;

  private final double[] values;
  private int size;
  private int next;

  RobustWindow(int capacity) {
    values = new double[capacity];
  }

  void add(double value) {
    values[next] = value;
    next = (next + 1) % values.length;
    size = Math.min(size + 1, values.length);
  }

  void clear() {
    size = 0;
    next = 0;
  }

  int size() {
    return size;
  }

  /**
   * The median of the last {@code count}, 0 when it may as well be 0.
   *
   * @param certainty standard errors that it must be away from zero, besides being beyond {@code floor}
   */
  double shift(int count, double floor, double certainty) {
    if (size < count) return 0;
    double[] last = last(count);
    double median = median(last);
    for (int i = 0; i < count; i++) last[i] = Math.abs(last[i] - median);
    Arrays.sort(last);
    double scatter = last[(int) Math.ceil(AGREEING * count) - 1];
    double error = scatter * TO_SIGMA * MEDIAN_ERROR / Math.sqrt(count);
    return Math.abs(median) > Math.max(floor, certainty * error) ? median : 0;
  }

  /** Of all that are kept. */
  double median() {
    return median(last(size));
  }

  private double[] last(int count) {
    double[] last = new double[count];
    for (int i = 0; i < count; i++) last[i] = values[Math.floorMod(next - 1 - i, values.length)];
    return last;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
