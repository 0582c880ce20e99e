package dev.tilestream.api;

import java.time.Duration;

/**
 * How many frames of a stream should be under way at a time: one, unless more are answered in a second with two or four. That is measured,
 * by trying, when more frames come than are answered; where it gained nothing it is not tried again for a while, each time twice as long.
 * A pipeline that nobody needs any more becomes shorter, since a frame takes longer in it. Pure: instants are nanoseconds of any clock. Not
 * thread-safe.
 */
final class PipelineDepth {
  /** What counts as a gain. */
  private static final double GAIN = 1.08;
  /** A trial needs as many answers, after as long: plans for it are made meanwhile. */
  private static final int ANSWERS = 20;
  private static final long SETTLE = Duration.ofSeconds(4).toNanos();
  private static final long TRIAL = Duration.ofSeconds(2).toNanos();
  private static final long REST = Duration.ofSeconds(20).toNanos();
  private static final long LONGEST_REST = Duration.ofMinutes(10).toNanos();
  /** Answers without one that waits, after which fewer will do. */
  private static final int UNPRESSED = 100;

  /** Of what was answered at half the depth: where no more than that comes, it will do. */
  private static final double ENOUGH = 0.9;

  private final int most;
  /** Frames a second that were answered while one waited, by depth. */
  private final double[] rates;
  /** The first frames wait for the model and its plans. */
  private boolean begun;
  private int depth = 1;
  private boolean trying;
  private long countFrom;
  private int answers;
  private long unpressedFrom;
  private int unpressed;
  private long rest = REST;
  private long restsUntil;

  /** @param most a power of two; 1: never more than one */
  PipelineDepth(int most, long now) {
    this.most = most;
    rates = new double[most + 1];
    countFrom = now;
    restsUntil = now;
  }

  int depth() {
    return depth;
  }

  /**
   * A frame was answered.
   *
   * @param pressed whether another one waits
   */
  void answered(boolean pressed, long now) {
    if (!begun) {
      begun = true;
      count(now);
      return;
    }
    if (pressed) pressed(now);
    else unpressed(now);
  }

  private void pressed(long now) {
    unpressed = 0;
    if (now - countFrom < 0) return;
    answers++;
    if (answers < ANSWERS || now - countFrom < TRIAL) return;
    rates[depth] = answers * 1e9 / (now - countFrom);
    if (trying && rates[depth] < GAIN * rates[depth / 2]) {
      restsUntil = now + rest;
      rest = Math.min(LONGEST_REST, 2 * rest);
      become(depth / 2, false, now);
      return;
    }
    if (trying) rest = REST;
    trying = false;
    if (depth < most && now - restsUntil >= 0) become(2 * depth, true, now);
    else count(now);
  }

  /** What is answered now is what comes, and says nothing of what could be answered. */
  private void unpressed(long now) {
    if (now - countFrom >= 0) count(now);
    if (unpressed++ == 0) unpressedFrom = now;
    if (unpressed <= UNPRESSED) return;
    double coming = UNPRESSED * 1e9 / (now - unpressedFrom);
    unpressed = 0;
    trying = false;
    if (depth > 1 && coming < ENOUGH * rates[depth / 2]) become(depth / 2, false, now);
  }

  private void become(int other, boolean trial, long now) {
    depth = other;
    trying = trial;
    count(now + SETTLE);
  }

  private void count(long from) {
    countFrom = from;
    answers = 0;
  }
}
