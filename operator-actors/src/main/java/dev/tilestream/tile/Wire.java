package dev.tilestream.tile;

/**
 * Where a link's chunks go into the air: one after the other where it is emulated, each with the time that it takes there, else all at
 * once. Instants are {@link System#nanoTime}. Not thread-safe: its link's alone.
 */
final class Wire {
  /** Counts as free this long before it is, so that small parcels need no timer each. */
  private static final long SLACK_NANOS = 500_000;

  /** A busy machine may wake us this much late; an air that was awaited did not pause meanwhile. */
  private static final long LATE_NANOS = 50_000_000;

  private final EmulatedAir air;
  private final boolean emulated;
  private final Runnable wake;
  private long freeNanos = System.nanoTime();
  private boolean wakeSet;
  private boolean awaited;

  /** @param wake called by another thread once the wire is free that was not when a chunk came; to be answered with {@link #woken} */
  Wire(EmulatedAir air, boolean emulated, Runnable wake) {
    this.air = air;
    this.emulated = emulated;
    this.wake = wake;
  }

  /** With an emulated rate, one chunk is on the wire at a time; the next is chosen when it is through, so that urgent ones overtake. */
  boolean takes() {
    if (!air.limited() || freeNanos - System.nanoTime() <= SLACK_NANOS) return true;
    awaited = true;
    if (!wakeSet) {
      wakeSet = true;
      air.at(freeNanos, wake);
    }
    return false;
  }

  void woken() {
    wakeSet = false;
  }

  /** What waits does not wait for the wire. */
  void pauses() {
    awaited = false;
  }

  /** Lets {@code arrival} happen when {@code bytes} that leave now are there. */
  void send(long bytes, long now, Runnable arrival) {
    if (!emulated) {
      arrival.run();
      return;
    }
    // A chunk that waited for the wire follows the one before without a gap, however late this thread was woken.
    long from = Math.max(freeNanos, awaited ? now - LATE_NANOS : now);
    awaited = false;
    freeNanos = air.through(from, bytes + InboundLink.OVERHEAD_BYTES);
    air.at(Math.max(freeNanos, now) + air.delayNanos(), arrival);
  }
}
