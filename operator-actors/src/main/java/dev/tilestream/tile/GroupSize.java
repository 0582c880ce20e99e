package dev.tilestream.tile;

import java.util.Arrays;

/**
 * How many inferences of one band are best computed together: a power of two, found by measuring. The next larger one is tried when so many
 * wait, and kept where it takes less for each; where it does not, it is tried again seldom. Pure; not thread-safe.
 */
final class GroupSize {
  /** Runs after which what a size takes is known. */
  private static final int KNOWN = 4;
  /** What counts as less, as a share. */
  private static final double GAIN = 0.95;
  /** Weight of the last run in what is known. */
  private static final double FRESH = 0.2;
  /** Of so many choices one is for a smaller size, so that what it takes is known as it is now, not as it was when all began. */
  private static final int LOOK_BACK = 16;
  /** Runs after which a size that did not pay is tried anew. */
  private static final int FORGET = 2000;

  /** By the power. */
  private final double[] nanosEach;
  private final int[] runs;
  private final long turnNanos;
  private int since;
  private int choices;
  private boolean over;

  /**
   * @param most a power of two; 1: never together
   * @param turnNanos what a group may take, unless it is less than two by themselves: others wait for it
   */
  GroupSize(int most, long turnNanos) {
    this.turnNanos = turnNanos;
    int sizes = Integer.numberOfTrailingZeros(most) + 1;
    nanosEach = new double[sizes];
    runs = new int[sizes];
  }

  /** How many to compute now, when so many wait. */
  int of(int waiting) {
    int best = best(waiting);
    if (best == 0 || runs[best] < KNOWN || ++choices % LOOK_BACK > 0) return 1 << best;
    return choices % (2 * LOOK_BACK) == 0 ? 1 : 1 << best - 1;
  }

  private int best(int waiting) {
    int highest = Math.min(nanosEach.length - 1, 31 - Integer.numberOfLeadingZeros(Math.max(1, waiting)));
    int best = 0;
    for (int power = 1; power <= highest; power++) {
      if (runs[power - 1] < KNOWN) break;
      // One that is not known is tried as soon as all below it are, if the last of these was worth it.
      if (runs[power] < KNOWN) return power - 1 == best ? power : best;
      if (nanosEach[power] * (1 << power) > Math.max(turnNanos, 2 * nanosEach[0])) break;
      if (nanosEach[power] < GAIN * nanosEach[best]) best = power;
    }
    return best;
  }

  /** {@code size} of them took so long together. */
  void took(int size, long nanos) {
    if (over && size > 1) return;
    int power = Integer.numberOfTrailingZeros(size);
    double each = (double) nanos / size;
    // The first run of a size pays for memory that it takes.
    if (runs[power]++ == 0 && power > 0) return;
    double weight = Math.max(FRESH, 1.0 / Math.max(1, runs[power] - (power > 0 ? 1 : 0)));
    nanosEach[power] += weight * (each - nanosEach[power]);
    if (over || ++since < FORGET) return;
    since = 0;
    Arrays.fill(runs, 1, runs.length, 0);
    Arrays.fill(nanosEach, 1, nanosEach.length, 0);
  }

  /** What it failed at is not tried again. */
  void never() {
    for (int power = 1; power < runs.length; power++) {
      runs[power] = KNOWN;
      nanosEach[power] = Double.POSITIVE_INFINITY;
    }
    over = true;
  }
}
