package dev.tilestream.scheduler;

import dev.tilestream.tile.Courier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/**
 * Has the ways measured that no traffic measures, while inferences are asked for: a plan that avoids a slow way would otherwise never see it
 * become quick again. One way at a time, so that many peers cost the air no more than one. Not thread-safe.
 */
final class Soundings {
  /** A source that was asked for nothing for so long needs to know no rates. */
  private static final long ACTIVE_NANOS = 3_000_000_000L;

  private final Courier courier;
  private final Deque<String> peers = new ArrayDeque<>();
  private long askedNanos;

  Soundings(Courier courier, long now) {
    this.courier = courier;
    askedNanos = now - ACTIVE_NANOS;
  }

  void peersChanged(Collection<String> now) {
    peers.retainAll(now);
    now.stream().filter(name -> !peers.contains(name)).forEach(peers::add);
  }

  /** An inference is asked for. */
  void asked(long now) {
    askedNanos = now;
  }

  /** To be called at even intervals: each way has its turn. */
  void tick(long now) {
    if (peers.isEmpty() || now - askedNanos >= ACTIVE_NANOS) return;
    String next = peers.poll();
    peers.add(next);
    courier.sound(next);
  }
}
