package dev.tilestream.scheduler.profile;

import java.util.Map;

/**
 * How busy a device's compute lane is, as it measures itself over the last seconds. Nodes exchange it, so it holds plain values only.
 *
 * @param device its name
 * @param waitSeconds how long a tile waited there, on average, because the lane computed other inferences; what it waits for tiles of its
 *     own inference is the plan's doing and not counted
 * @param utilisation share of the lane's time that was spent in kernels, in [0, 1]
 * @param tileSeconds mean time of a tile in its kernel
 * @param variation standard deviation of that over its mean
 * @param bySource of the utilisation, what is due to each source, by its incarnation; the busiest few
 */
public record DeviceLoad(
    String device, double waitSeconds, double utilisation, double tileSeconds, double variation, Map<Long, Double> bySource) {
  /** Sources that are told apart at most. */
  static final int MOST_SOURCES = 64;
  /** Others never take all of a lane: a source's own tiles get their turns. */
  private static final double MOST_BY_OTHERS = 0.95;

  public DeviceLoad {
    for (double d : new double[] {waitSeconds, tileSeconds, variation})
      if (!(d >= 0 && d < Double.POSITIVE_INFINITY))
        throw new IllegalArgumentException("load of %s: wait %s s, tile %s s, variation %s (expected: finite, not negative)"
            .formatted(device, waitSeconds, tileSeconds, variation));
    if (!(utilisation >= 0 && utilisation <= 1))
      throw new IllegalArgumentException("load of %s: utilisation %s (expected: in [0, 1])".formatted(device, utilisation));
    bySource = Map.copyOf(bySource);
    if (bySource.size() > MOST_SOURCES || bySource.values().stream().anyMatch(u -> !(u >= 0 && u <= 1)))
      throw new IllegalArgumentException("load of %s: by source %s (expected: at most %d, in [0, 1])"
          .formatted(device, bySource, MOST_SOURCES));
  }

  /** Of a device that nobody uses. */
  public static DeviceLoad idle(String device) {
    return new DeviceLoad(device, 0, 0, 0, 0, Map.of());
  }

  /** What {@code source} meets there: the use that others make of the device. */
  public Contention contention(long source) {
    double others = Math.min(MOST_BY_OTHERS, Math.max(0, utilisation - bySource.getOrDefault(source, 0.0)));
    return others == 0 ? Contention.NONE : new Contention(others, tileSeconds, variation);
  }
}
