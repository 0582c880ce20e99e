package dev.tilestream.tile;

import com.typesafe.config.Config;

/**
 * The compute lane of a device.
 *
 * @param threads kernels that run at the same time
 * @param speed emulates a slower device: below 1, a kernel that took t keeps its thread for t / speed
 * @param queue tiles that may wait for a thread; beyond it they are refused
 */
public record LaneSettings(int threads, double speed, int queue) {
  public LaneSettings {
    if (threads < 1) throw new IllegalArgumentException("lane threads: " + threads + " (expected: at least 1)");
    if (!(speed > 0 && speed <= 1)) throw new IllegalArgumentException("lane speed: " + speed + " (expected: above 0, at most 1)");
    if (queue < 1) throw new IllegalArgumentException("lane queue: " + queue + " (expected: at least 1)");
  }

  /** From the block {@code tilestream.lane}. */
  public static LaneSettings from(Config config) {
    Config lane = config.getConfig("tilestream.lane");
    return new LaneSettings(lane.getInt("threads"), lane.getDouble("speed"), lane.getInt("queue"));
  }

  public LaneSettings withSpeed(double other) {
    return new LaneSettings(threads, other, queue);
  }
}
