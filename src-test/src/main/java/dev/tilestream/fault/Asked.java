package dev.tilestream.fault;

import java.util.List;

/**
 * One request and what became of it, as its client saw it.
 *
 * @param fromNanos on {@link System#nanoTime}'s clock
 * @param strategy that was asked for
 * @param devices that computed a part of the answer
 * @param why it is wrong or lost
 */
public record Asked(long fromNanos, long toNanos, String strategy, Outcome outcome, List<String> devices, String why) {
  /** What became of it. */
  public enum Outcome {
    /** What one machine answers. */
    RIGHT,
    WRONG,
    /** No answer, or an error. */
    LOST
  }

  public Asked {
    devices = List.copyOf(devices);
  }

  public double millis() {
    return (toNanos - fromNanos) / 1e6;
  }

  /** Whether it was under way at any time between. */
  boolean overlaps(long from, long to) {
    return fromNanos - to <= 0 && toNanos - from >= 0;
  }
}
