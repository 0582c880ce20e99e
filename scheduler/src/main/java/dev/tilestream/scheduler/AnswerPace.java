package dev.tilestream.scheduler;

import java.time.Duration;

/**
 * How soon one answer follows another while inferences are under way, however many these are: what a place in a queue costs. Known from the
 * last answers. Thread-safe.
 */
public final class AnswerPace {
  /** Of the first answers, the quickest is believed: in the others code was compiled and models were opened. */
  private static final int FIRST = 4;
  /** Share of what each answer behind these took that is believed. */
  private static final double BELIEVED = 1.0 / 16;

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
    long took = nowNanos - sinceNanos;
    sinceNanos = nowNanos;
    if (answers == FIRST) nanosEach += BELIEVED * (took - nanosEach);
    else nanosEach = answers++ == 0 ? took : Math.min(nanosEach, took);
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
