package dev.tilestream.tile;

import com.typesafe.config.Config;
import dev.tilestream.plan.FairTurns;
import java.time.Duration;
import java.util.Locale;

/**
 * The compute lane of a device.
 *
 * @param threads kernels that run at the same time
 * @param speed emulates a slower device: below 1, a kernel that takes t keeps its thread for t / speed
 * @param clock what t is taken from, the median of its last five runs
 * @param queue tiles that may wait for a thread; of one source as many at most as there is room left for others; beyond it they are refused
 * @param turn time of kernels that a source has before another one that waits, see {@link FairTurns}
 * @param batch inferences that are computed together at most, a power of two; 1: each by itself
 */
public record LaneSettings(int threads, double speed, Clock clock, int queue, Duration turn, int batch) {
  private static final int LARGEST_BATCH = 64;

  /** How long a run took, for the purpose of emulation. */
  public enum Clock {
    /** By the wall. Right for kernels of several threads; counts waiting for a processor that other processes keep busy. */
    WALL,
    /** The lane thread's own processor time: right for kernels of one thread, however busy the machine is. */
    CPU
  }

  public LaneSettings {
    if (threads < 1) throw new IllegalArgumentException("lane threads: " + threads + " (expected: at least 1)");
    if (!(speed > 0 && speed <= 1)) throw new IllegalArgumentException("lane speed: " + speed + " (expected: above 0, at most 1)");
    if (queue < 1) throw new IllegalArgumentException("lane queue: " + queue + " (expected: at least 1)");
    if (batch < 1 || batch > LARGEST_BATCH || Integer.bitCount(batch) != 1)
      throw new IllegalArgumentException("lane batch: %d (expected: a power of two, 1 to %d)".formatted(batch, LARGEST_BATCH));
    if (turn.isNegative() || turn.isZero()) throw new IllegalArgumentException("lane turn: " + turn + " (expected: above 0)");
  }

  /** That computes each inference by itself. */
  public LaneSettings(int threads, double speed, Clock clock, int queue, Duration turn) {
    this(threads, speed, clock, queue, turn, 1);
  }

  /** Likewise, with turns of the usual length. */
  public LaneSettings(int threads, double speed, Clock clock, int queue) {
    this(threads, speed, clock, queue, Duration.ofNanos(FairTurns.TURN_NANOS));
  }

  /** From the block {@code tilestream.lane}. */
  public static LaneSettings from(Config config) {
    Config lane = config.getConfig("tilestream.lane");
    return new LaneSettings(
        lane.getInt("threads"), lane.getDouble("speed"), clock(lane.getString("clock")), lane.getInt("queue"), lane.getDuration("turn"),
        lane.getInt("batch"));
  }

  private static Clock clock(String word) {
    for (Clock c : Clock.values()) if (c.name().toLowerCase(Locale.ROOT).equals(word)) return c;
    throw new IllegalArgumentException("lane clock: " + word + " (expected: wall or cpu)");
  }

  public LaneSettings withSpeed(double other) {
    return new LaneSettings(threads, other, clock, queue, turn, batch);
  }

  public LaneSettings withBatch(int most) {
    return new LaneSettings(threads, speed, clock, queue, turn, most);
  }
}
