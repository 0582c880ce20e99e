package dev.tilestream.tile;

/**
 * How far off what was believed of a rate has been lately: the root of the mean square of ln(what came / what was believed), over the last
 * sixteen blocks or so, each of some milliseconds of the air. So 0.1 is about 10 %, in either direction. Not thread-safe.
 */
final class RateDoubt {
  /** Before anything is known. */
  static final double UNKNOWN = 0.5;
  /** Single chunks come in bursts that say nothing of the air. */
  private static final double BLOCK_NANOS = 10e6;
  private static final double BELIEVED = 1.0 / 16;
  /** An outage is one surprise, not a hundred. */
  private static final double MOST = 2;

  private double squares = UNKNOWN * UNKNOWN;
  private double believed;
  private double bytes;
  private double nanos;

  /** So many bytes took the air so long, when {@code bytesPerSecond} was believed; 0: nothing was. */
  void sample(long moreBytes, long moreNanos, double bytesPerSecond) {
    if (bytes == 0) believed = bytesPerSecond;
    bytes += moreBytes;
    nanos += moreNanos;
    if (nanos < BLOCK_NANOS) return;
    if (believed > 0) {
      double off = Math.max(-MOST, Math.min(MOST, Math.log(bytes / (nanos * 1e-9) / believed)));
      squares += BELIEVED * (off * off - squares);
    }
    bytes = nanos = 0;
  }

  double relative() {
    return Math.sqrt(squares);
  }
}
