package dev.tilestream.scheduler;

import java.time.Duration;

/**
 * Whether plans avoid peers for now, because an inference that used them was lost, or several were late. Each time that follows soon after
 * another it is for twice as long, so that a link that comes and goes makes nothing flap. Instants are nanoseconds of one clock. Not
 * thread-safe.
 */
final class Suspicion {
  private static final int LONGEST = 16;
  /** A quiet time of so many of the last one, and what was is forgotten. */
  private static final int FORGIVEN_AFTER = 1;

  /** So many inferences, and links are not what they are thought to be. */
  private static final int LATE_IN_A_ROW = 3;

  private final long shortestNanos;
  private long lengthNanos;
  private long untilNanos;
  private boolean any;
  private int lateInARow;

  /** @param shortest how long the first one lasts */
  Suspicion(Duration shortest) {
    shortestNanos = Math.max(1, shortest.toNanos());
  }

  /** An inference was done here because peers that answer were late. The rate that is measured tells plans so by itself; it may be wrong. */
  void doubt(long now) {
    if (++lateInARow < LATE_IN_A_ROW) return;
    lateInARow = 0;
    raise(now);
  }

  /** Peers delivered what they owed. */
  void trust() {
    lateInARow = 0;
  }

  void raise(long now) {
    if (active(now)) return;
    boolean again = any && now - untilNanos < FORGIVEN_AFTER * lengthNanos;
    lengthNanos = again ? Math.min(LONGEST * shortestNanos, 2 * lengthNanos) : shortestNanos;
    untilNanos = now + lengthNanos;
    any = true;
  }

  /** Other devices are there now: what is left of a long one says little of them. */
  void shorten(long now) {
    if (active(now)) untilNanos = Math.min(untilNanos, now + shortestNanos);
  }

  /** Whether it is active or was within {@code span}. */
  boolean recent(long now, Duration span) {
    return any && now - untilNanos < span.toNanos();
  }

  boolean active(long now) {
    return any && now - untilNanos < 0;
  }
}
