package dev.tilestream.scheduler.profile;

/**
 * How others use a device, seen from an inference that comes to its lane at some moment.
 *
 * @param utilisation share of the time that the lane computes for others, in [0, 1)
 * @param tileSeconds mean of how long one of their tiles keeps it
 * @param variation standard deviation of that over its mean: 0 when all are alike, 1 when they are spread as an exponential
 */
public record Contention(double utilisation, double tileSeconds, double variation) {
  /** Nobody else is there. */
  public static final Contention NONE = new Contention(0, 0, 0);

  public Contention {
    if (!(utilisation >= 0 && utilisation < 1))
      throw new IllegalArgumentException("contention: utilisation %s (expected: at least 0, below 1)".formatted(utilisation));
    if (!(tileSeconds >= 0 && tileSeconds < Double.POSITIVE_INFINITY && variation >= 0 && variation < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException(
          "contention: %s s a tile, variation %s (expected: finite, not negative)".formatted(tileSeconds, variation));
  }

  /**
   * Mean wait in a queue that is served one by one without interruption, by Pollaczek and Khinchine: what is left of the tile that runs,
   * and those that wait before us.
   */
  public double waitSeconds() {
    return utilisation * tileSeconds * (1 + variation * variation) / (2 * (1 - utilisation));
  }
}
