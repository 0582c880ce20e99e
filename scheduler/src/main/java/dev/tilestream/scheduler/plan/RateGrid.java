package dev.tilestream.scheduler.plan;

/**
 * Link rates relative to those that a table was made for, in geometric steps: cell {@code middle} is the rate itself, each cell above
 * it {@code step} times the one before.
 */
public record RateGrid(int cells, int middle, double step) {
  /** From a thirty-second of the rate to eight times it, a factor of 1.41 apart: 3 to 750 Mbit/s around 93. */
  public static final RateGrid DEFAULT = new RateGrid(17, 10, Math.sqrt(2));

  public RateGrid {
    if (cells < 1 || middle < 0 || middle >= cells || !(step > 1))
      throw new IllegalArgumentException(
          "grid: %d cells, middle %d, step %s (expected: middle among the cells, step above 1)".formatted(cells, middle, step));
  }

  /** What all rates are multiplied with in {@code cell}. */
  public double factor(int cell) {
    return Math.pow(step, cell - middle);
  }

  /** Where {@code factor} lies, in cells and parts of them; within the grid. */
  public double position(double factor) {
    return Math.max(0, Math.min(cells - 1, middle + Math.log(factor) / Math.log(step)));
  }

  /** The cell whose factor is nearest, by ratio. */
  public int cell(double factor) {
    return (int) Math.round(position(factor));
  }

  /** Whether the factor is at most half a step beyond the grid. */
  public boolean covers(double factor) {
    return factor >= factor(0) / Math.sqrt(step) && factor <= factor(cells - 1) * Math.sqrt(step);
  }
}
