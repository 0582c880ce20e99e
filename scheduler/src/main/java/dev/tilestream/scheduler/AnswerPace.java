package dev.tilestream.scheduler;

import java.time.Duration;

/**
 * How soon one answer follows another while inferences are under way, however many these are: what a place in a queue costs. Known from the
 * last answers. Thread-safe.
 */
public final class AnswerPace {
  /** An answer counts by this much of a belief that has seen more. */
  private static final int MEMORY = 16;

  private int underWay;
  /** When the last answer was there, or the first inference began after none was under way. */
  private long sinceNanos;
  private int answers;
  private double nanosEach;

  /** An inference begins. */
  public synchronized void begun(long nowNanos) {
    if (underWay++ == 0) sinceNanos = nowNanos;
  }

  /** It is answered. */
  public synchronized void answered(long nowNanos) {
    underWay--;
    answers = Math.min(answers + 1, MEMORY);
    nanosEach += (nowNanos - sinceNanos - nanosEach) / answers;
    sinceNanos = nowNanos;
  }

  /** It ended without an answer, which says nothing of the pace. */
  public synchronized void failed() {
    underWay--;
  }

  /** After how long so many more are likely to be answered; zero before the first was. */
  public synchronized Duration toServe(int inferences) {
    return Duration.ofNanos((long) (nanosEach * inferences));
  }
}
