package dev.tilestream.tile;

import java.util.Arrays;

/**
 * What one kernel takes on an emulated device: the median of its last few runs. One run that this machine disturbs would else be
 * disturbed 1 / speed times as long there, which no real device would be. Thread-safe.
 */
final class Pace {
  private static final int RUNS = 5;

  private final long[] runs = new long[RUNS];
  private int count;

  /** A run took {@code nanos}. */
  synchronized long of(long nanos) {
    runs[count++ % RUNS] = nanos;
    long[] sorted = Arrays.copyOf(runs, Math.min(count, RUNS));
    Arrays.sort(sorted);
    return sorted[(sorted.length - 1) / 2];
  }
}
