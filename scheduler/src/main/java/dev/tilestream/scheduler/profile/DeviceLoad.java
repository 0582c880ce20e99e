package dev.tilestream.scheduler.profile;

/**
 * How busy a device's compute lane is, as it measures itself over the last seconds. Nodes exchange it, so it holds plain values only.
 *
 * @param device its name
 * @param waitSeconds how long a tile waited there, on average, because the lane computed other inferences; what it waits for tiles of its
 *     own inference is the plan's doing and not counted
 * @param utilisation share of the lane's time that was spent in kernels, in [0, 1]
 * @param tilesPerSecond that ran
 */
public record DeviceLoad(String device, double waitSeconds, double utilisation, double tilesPerSecond) {
  public DeviceLoad {
    if (!(waitSeconds >= 0 && waitSeconds < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException("load of %s: %s s a tile (expected: not negative)".formatted(device, waitSeconds));
    if (!(utilisation >= 0 && utilisation <= 1))
      throw new IllegalArgumentException("load of %s: utilisation %s (expected: in [0, 1])".formatted(device, utilisation));
    if (!(tilesPerSecond >= 0 && tilesPerSecond < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException("load of %s: %s tiles a second (expected: not negative)".formatted(device, tilesPerSecond));
  }

  /** Of a device that nobody uses. */
  public static DeviceLoad idle(String device) {
    return new DeviceLoad(device, 0, 0, 0);
  }
}
