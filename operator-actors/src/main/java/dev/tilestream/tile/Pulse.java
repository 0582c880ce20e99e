package dev.tilestream.tile;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether the peer at a link's other end still answers, while something is sent to it or somebody wants to know: it is asked every {@link
 * #EVERY_NANOS}. Asked and heard by the link's actor, used and read by anybody. Instants are {@link System#nanoTime}.
 */
final class Pulse {
  /** How often a peer that work depends on is asked. */
  static final long EVERY_NANOS = 50_000_000;
  /** So long after it was used last, it is asked no more. */
  private static final long ATTENTIVE_NANOS = 2_000_000_000L;
  /** Fewer unanswered questions may be this device's own delay. */
  private static final int FEWEST = 3;

  private final AtomicBoolean beating = new AtomicBoolean();
  private volatile long usedNanos;
  private volatile int unanswered;
  private volatile long sinceNanos;

  /** Rows go there, or work that is waited for depends on it. True when it was not being asked, to one caller, who has the link begin. */
  boolean used(long now) {
    usedNanos = now;
    return !beating.get() && beating.compareAndSet(false, true);
  }

  /** Whether to go on asking. */
  boolean beats(long now) {
    if (now - usedNanos < ATTENTIVE_NANOS) return true;
    unanswered = 0;
    beating.set(false);
    // Whoever used it since has found it beating, and leaves the beginning to nobody.
    return now - usedNanos < ATTENTIVE_NANOS && beating.compareAndSet(false, true);
  }

  void asked(long now) {
    if (unanswered == 0) sinceNanos = now;
    unanswered++;
  }

  void heard() {
    unanswered = 0;
  }

  /** For how long it has answered nothing though it was asked again and again; 0 when it has. */
  long unansweredNanos(long now) {
    return unanswered < FEWEST ? 0 : Math.max(0, now - sinceNanos);
  }
}
