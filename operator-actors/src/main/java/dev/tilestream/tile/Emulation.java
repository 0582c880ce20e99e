package dev.tilestream.tile;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A slower air than there is, for what this device sends.
 *
 * @param bytesPerSecond its rate; 0: as fast as it goes
 * @param delay one way
 * @param trace the rate over time; goes before {@code bytesPerSecond}
 */
public record Emulation(double bytesPerSecond, Duration delay, Optional<TracedRate> trace) {
  /** The air as it is. */
  public static final Emulation NONE = of(0, Duration.ZERO);

  public Emulation {
    Objects.requireNonNull(trace, "trace");
    if (!(bytesPerSecond >= 0)) throw new IllegalArgumentException("link rate: " + bytesPerSecond + " (expected: not negative)");
    if (delay.isNegative()) throw new IllegalArgumentException("link delay: " + delay + " (expected: not negative)");
  }

  /** A rate that does not change. */
  public static Emulation of(double bytesPerSecond, Duration delay) {
    return new Emulation(bytesPerSecond, delay, Optional.empty());
  }

  /** A rate that follows a trace. */
  static Emulation of(TracedRate trace) {
    return new Emulation(0, Duration.ZERO, Optional.of(trace));
  }

  /** From the block {@code tilestream.link}. */
  static Emulation from(Config link) {
    return new Emulation(link.getDouble("emulated-bytes-per-second"), link.getDuration("emulated-delay"), TracedRate.from(link));
  }

  /**
   * The same with another rate, which does not change, where one is given, and another delay, where that is not zero.
   *
   * @param bytesPerSecondInstead empty: it keeps its rate or trace
   */
  public Emulation with(Optional<Double> bytesPerSecondInstead, Duration delayInstead) {
    Duration late = delayInstead.isZero() ? delay : delayInstead;
    return bytesPerSecondInstead.map(rate -> of(rate, late)).orElseGet(() -> new Emulation(bytesPerSecond, late, trace));
  }

  /** What the emulated air carries, over time where it changes; 0: as much as it can. */
  public double meanBytesPerSecond() {
    return trace.map(t -> t.trace().meanBytesPerSecond()).orElse(bytesPerSecond);
  }

  /** Whether it differs from the air as it is. */
  boolean any() {
    return bytesPerSecond > 0 || trace.isPresent() || !delay.isZero();
  }
}
