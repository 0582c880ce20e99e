package dev.tilestream.scheduler;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * When the plans of a model may be made anew because something drifted. A drift of a new kind ("another speed of edge-1") waits for no
 * more than a pause since the last table was begun, so what really changed is planned for promptly. The same kind then rests for a pause,
 * too. Where it comes back soon it rests twice as long each time, and at least {@link #COST} times as long as planning took, up to
 * {@link #MOST} pauses: a device whose speed swings keeps no processor planning. Quiet brings that back by halves.
 *
 * <p>All goals of a model share one: a round of planning is for all that drifted. Pure: instants are nanoseconds of any clock, and chance
 * is given. Not thread-safe.
 */
final class Rest {
  /** The longest rest, in pauses; and the quiet after which a rest is half as long. */
  static final int MOST = 15;
  /** Planning for what keeps drifting may take a tenth of a processor. */
  static final int COST = 10;

  /**
   * When plans were last made for drifts of a kind.
   *
   * @param nanos for which it rests, what planning costs aside
   * @param often it came back soon
   */
  private record Kind(long atNanos, long nanos, boolean often) {}

  private final long pauseNanos;
  private final long mostNanos;
  private final Map<String, Kind> kinds = new HashMap<>();
  private long untilNanos;
  private long roundNanos;
  /** Of the round before, and since this one began. */
  private long costBefore;
  private long cost;

  /** @param pauseNanos the least, but for the chance in it */
  Rest(long pauseNanos, long now) {
    this.pauseNanos = pauseNanos;
    mostNanos = MOST * pauseNanos;
    untilNanos = now;
    roundNanos = now;
  }

  /**
   * A table is begun, whatever for: no drift ends it for a pause.
   *
   * @param spread factor of the pause, about 1, so that sources differ
   */
  void begun(long now, double spread) {
    long until = now + (long) (pauseNanos * spread);
    if (until - untilNanos > 0) untilNanos = until;
  }

  /** Making plans took so long. */
  void spent(long nanos) {
    cost += nanos;
  }

  /** Whether drifts of these kinds, all of them there now, may be planned for. */
  boolean over(Collection<String> drifts, long now) {
    return now - untilNanos >= 0 && drifts.stream().map(kinds::get).anyMatch(kind -> kind == null || now - end(kind) >= 0);
  }

  private long end(Kind kind) {
    long planning = kind.often ? COST * Math.max(cost, costBefore) : 0;
    return kind.atNanos + Math.min(mostNanos, Math.max(kind.nanos, planning));
  }

  /**
   * A round begins: plans are made anew for drifts of these kinds.
   *
   * @param spread as in {@link #begun}
   */
  void round(Collection<String> drifts, long now, double spread) {
    kinds.values().removeIf(kind -> now - end(kind) > MOST * mostNanos);
    for (String drift : drifts)
      kinds.merge(drift, new Kind(now, (long) (pauseNanos * spread), false), (before, first) -> again(before, first));
    roundNanos = now;
    costBefore = cost;
    cost = 0;
  }

  private Kind again(Kind before, Kind first) {
    long halvings = Math.max(0, first.atNanos - end(before)) / mostNanos;
    if (halvings == 0) return new Kind(first.atNanos, Math.min(mostNanos, 2 * before.nanos), true);
    long shorter = before.nanos >> halvings;
    return shorter > first.nanos ? new Kind(first.atNanos, shorter, true) : first;
  }

  /** Whether a table begun then is older than the last round: nobody asked for its goal, or it had not drifted as far. */
  boolean missed(long begunNanos) {
    return begunNanos - roundNanos < 0;
  }
}
