package dev.tilestream.plan;

/** How long slices are cut for the air: one rule for the links that cut them and for the simulator that predicts them. */
public final class Chunking {
  /** A chunk occupies the air about this long at most: what urgent rows wait for. */
  public static final double SECONDS = 0.010;

  /** Below this, headers and acknowledgements cost too much. */
  public static final int SMALLEST_BYTES = 32 << 10;

  /** What a link starts with, and the most that it takes. */
  public static final int LARGEST_BYTES = 256 << 10;

  private Chunking() {}

  /** Bytes that a chunk has at most on a link of this rate, where {@code largest} is what its settings allow; whole rows, so one at least. */
  public static int bytes(double bytesPerSecond, int largest) {
    return (int) Math.max(Math.min(SMALLEST_BYTES, largest), Math.min(largest, bytesPerSecond * SECONDS));
  }
}
