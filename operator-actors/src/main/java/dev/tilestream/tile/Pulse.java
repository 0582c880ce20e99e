package dev.tilestream.tile;

/**
 * Whether the peer at a link's other end still answers, while something is sent to it: it is asked every {@link #EVERY_NANOS}. Written by the
 * link's actor, read by anybody. Instants are {@link System#nanoTime}.
 */
final class Pulse {
  /** How often a peer that work depends on is asked. */
  static final long EVERY_NANOS = 50_000_000;
  /** So long after the last rows that went there, it is asked no more. */
  private static final long ATTENTIVE_NANOS = 2_000_000_000L;
  /** Fewer unanswered questions may be this device's own delay. */
  private static final int FEWEST = 3;

  private long usedNanos;
  private boolean beating;
  private volatile int unanswered;
  private volatile long sinceNanos;

  /** Rows go there. True when it was not being asked. */
  boolean used(long now) {
    usedNanos = now;
    boolean begins = !beating;
    beating = true;
    return begins;
  }

  /** Whether to go on asking. */
  boolean beats(long now) {
    beating = now - usedNanos < ATTENTIVE_NANOS;
    if (!beating) unanswered = 0;
    return beating;
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
