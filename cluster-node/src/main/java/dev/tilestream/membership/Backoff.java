package dev.tilestream.membership;

import java.time.Duration;

/**
 * How long to wait before trying again: twice as long each time, spread at random so that nodes which fell together do not come back
 * together, and short again after a calm time. Not thread-safe.
 */
public final class Backoff {
  private final Duration shortest;
  private final Duration longest;
  private final Duration calm;
  private Duration next;
  private boolean tried;
  private long lastNanos;

  /** @param calm when nothing was tried for so long, the first pause is {@code shortest} again */
  public Backoff(Duration shortest, Duration longest, Duration calm) {
    if (shortest.isNegative() || longest.compareTo(shortest) < 0)
      throw new IllegalArgumentException("backoff: %s to %s (expected: not negative, in this order)".formatted(shortest, longest));
    this.shortest = shortest;
    this.longest = longest;
    this.calm = calm;
    next = shortest;
  }

  /**
   * @param nowNanos as of {@link System#nanoTime}
   * @param random in [0, 1)
   * @return half to one and a half of this turn's pause
   */
  public Duration pause(long nowNanos, double random) {
    if (tried && nowNanos - lastNanos > calm.toNanos()) next = shortest;
    tried = true;
    lastNanos = nowNanos;
    Duration pause = Duration.ofNanos((long) (next.toNanos() * (0.5 + random)));
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(longest) < 0 ? doubled : longest;
    return pause;
  }
}
