package dev.tilestream.tile;

import java.time.Duration;

/**
 * Whether a peer has fallen silent: several probes in a row, the first of them some time ago, and not a word since. Counts probes
 * besides time, so that a device that stood still itself does not blame its peers. Instants are {@link System#nanoTime}. Not thread-safe.
 */
final class Silence {
  private static final int PROBES = 4;

  private final long nanos;
  private int unanswered;
  private long firstNanos;

  Silence(Duration atLeast) {
    nanos = atLeast.toNanos();
  }

  void asked(long now) {
    if (unanswered++ == 0) firstNanos = now;
  }

  void heard() {
    unanswered = 0;
  }

  /** Something is unanswered: ask again soon. */
  boolean doubtful() {
    return unanswered > 0;
  }

  boolean lasts(long now) {
    return unanswered >= PROBES && now - firstNanos >= nanos;
  }
}
