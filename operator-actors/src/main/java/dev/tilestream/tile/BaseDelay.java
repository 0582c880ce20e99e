package dev.tilestream.tile;

import java.util.ArrayDeque;

/**
 * What a way takes when nothing is in it: of the probes of the last {@link #MEMORY_NANOS} the one with the shortest round trip. When
 * several in a row that nothing went before took much longer, the way itself has become longer, and what was before is forgotten at once.
 * Not thread-safe.
 */
final class BaseDelay {
  static final long MEMORY_NANOS = 16_000_000_000L;
  private static final int IN_A_ROW = 3;
  /** A busy machine delays probes, too. */
  private static final long MUCH_LONGER_NANOS = 5_000_000;
  private static final double MUCH_LONGER = 1.5;
  /** Share of a new probe in how much they differ. */
  private static final double BELIEVED = 1.0 / 8;

  /** @param way from here to there, plus how far the peer's clock is before ours */
  private record Probe(long roundTrip, long way, long at) {}

  /** The shortest first; of those behind, each that is the shortest of what came later. */
  private final ArrayDeque<Probe> shortest = new ArrayDeque<>();
  private final ArrayDeque<Probe> longer = new ArrayDeque<>();
  private double squares;

  /**
   * A few bytes sent at {@code sent} were there at {@code there}, by the peer's clock, and the word of it here now.
   *
   * @param clear whether nothing of this link's was under way before them
   */
  void probed(long sent, long there, long now, boolean clear) {
    Probe probe = new Probe(now - sent, there - sent, now);
    if (clear) judge(probe);
    while (!shortest.isEmpty() && now - shortest.peekFirst().at() > MEMORY_NANOS) shortest.pollFirst();
    keep(probe);
    double over = (probe.roundTrip() - roundTripNanos()) / 2e9;
    squares += BELIEVED * (over * over - squares);
  }

  private void judge(Probe probe) {
    if (known() && probe.roundTrip() > MUCH_LONGER * roundTripNanos() + MUCH_LONGER_NANOS) longer.add(probe);
    else longer.clear();
    if (longer.size() < IN_A_ROW) return;
    shortest.clear();
    longer.forEach(this::keep);
    longer.clear();
  }

  private void keep(Probe probe) {
    while (!shortest.isEmpty() && shortest.peekLast().roundTrip() >= probe.roundTrip()) shortest.pollLast();
    shortest.add(probe);
  }

  /** Its link was opened anew: the peer may be another, with another clock. */
  void restart() {
    shortest.clear();
    longer.clear();
  }

  boolean known() {
    return !shortest.isEmpty();
  }

  /** 0 when never measured. */
  long roundTripNanos() {
    return known() ? shortest.peekFirst().roundTrip() : 0;
  }

  /** From here to there, plus how far the peer's clock is before ours. Only when {@link #known}. */
  long wayNanos() {
    return shortest.peekFirst().way();
  }

  /** How much longer than the shortest small messages take one way, as the root of the mean square. */
  double deviationSeconds() {
    return Math.sqrt(squares);
  }
}
