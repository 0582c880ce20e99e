package dev.tilestream.tile;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * What one device's tiles share.
 *
 * @param retention pieces of an inference are dropped this long after its first piece came, whatever else happens
 * @param pending inferences that a tile collects pieces for at the same time
 * @param remembered finished inferences that a tile knows, to drop what comes late
 */
public record TileSettings(Duration retention, int pending, int remembered, LaneSettings lane, LinkSettings link) {
  public TileSettings {
    if (retention.isNegative() || retention.isZero()) throw new IllegalArgumentException("tile retention: " + retention + " (expected: above 0)");
    if (pending < 1) throw new IllegalArgumentException("tile pending: " + pending + " (expected: at least 1)");
    if (remembered < 1) throw new IllegalArgumentException("tile remembered: " + remembered + " (expected: at least 1)");
  }

  /** From the blocks {@code tilestream.tile}, {@code .lane} and {@code .link}. */
  public static TileSettings from(Config config) {
    Config tile = config.getConfig("tilestream.tile");
    return new TileSettings(
        tile.getDuration("retention"), tile.getInt("pending"), tile.getInt("remembered"), LaneSettings.from(config), LinkSettings.from(config));
  }

  public TileSettings withLane(LaneSettings other) {
    return new TileSettings(retention, pending, remembered, other, link);
  }

  public TileSettings withLink(LinkSettings other) {
    return new TileSettings(retention, pending, remembered, lane, other);
  }
}
