package dev.tilestream.tile;

import java.util.List;

/**
 * When the next chunk of a link may go: its window, what sizes it, and what is measured for that. Instants are {@link System#nanoTime}'s
 * and come in as arguments. Not thread-safe: its link's alone.
 *
 * <p>On a line that is never idle every probe waits behind chunks, and what they tell of the way without queues grows old. So now and then
 * all that is under way is let arrive before more goes, and a probe with nothing before it, as BBR does.
 */
final class FlowControl {
  private static final long DRAIN_NANOS = 4_000_000_000L;
  /** When what waits never gave way to a smaller window since: maybe the way has become longer, which only an empty line tells. */
  private static final long DRAIN_IN_DOUBT_NANOS = 500_000_000L;
  /** Of long ways, letting all arrive takes one part of so many. */
  private static final int ROUND_TRIPS_BETWEEN_DRAINS = 100;

  private final CreditWindow window;
  private final WindowRule rule;
  private final LinkMeter meter = new LinkMeter();
  private boolean draining;
  /** When a probe left last with nothing before it. */
  private long clearNanos;
  private double leastQueueSeconds = Double.POSITIVE_INFINITY;

  FlowControl(LinkSettings settings, long now) {
    rule = WindowRule.of(settings);
    window = new CreditWindow(settings.windowParcels(), rule.limitBytes());
    clearNanos = now;
  }

  boolean takes(long bytes) {
    return !draining && window.takes(bytes);
  }

  void sent(long bytes, long now) {
    if (window.isEmpty()) {
      rule.resumes(meter);
      window.limit(rule.limitBytes());
    }
    window.sent(bytes);
    meter.sent(bytes, now);
  }

  /**
   * The peer has taken so much since the link was opened.
   *
   * @param arrivals of the last parcels, by the peer's clock
   * @return false when it claims what cannot be, or nothing new
   */
  boolean acknowledged(long parcels, long bytes, List<Long> arrivals, long now) {
    long parcelsBefore = window.inFlightParcels();
    long bytesBefore = window.inFlightBytes();
    if (!window.taken(parcels, bytes)) return false;
    meter.acknowledged(parcelsBefore - window.inFlightParcels(), arrivals, now);
    rule.taken(bytesBefore - window.inFlightBytes(), meter);
    window.limit(rule.limitBytes());
    leastQueueSeconds = Math.min(leastQueueSeconds, meter.queueSeconds());
    if (rule.queues() && now - clearNanos > drainNanos()) draining = true;
    return true;
  }

  private long drainNanos() {
    if (leastQueueSeconds > ShortQueueRule.TOLERATED_SECONDS) return DRAIN_IN_DOUBT_NANOS;
    return Math.max(DRAIN_NANOS, ROUND_TRIPS_BETWEEN_DRAINS * meter.roundTripNanos());
  }

  /** Whether it is the moment for a probe: all has arrived, and nothing more goes before it. */
  boolean awaitsProbe() {
    return draining && window.isEmpty();
  }

  /** A probe leaves now. */
  void probing(long now) {
    if (!window.isEmpty()) return;
    clearNanos = now;
    leastQueueSeconds = Double.POSITIVE_INFINITY;
    draining = false;
  }

  /** The probe that left at {@code sent} was there at {@code there}, by the peer's clock, and the word of it here now. */
  void probed(long sent, long there, long now) {
    meter.probed(sent, there, now, rule.queues() && sent == clearNanos);
  }

  /** Nothing is under way any more, and the peer may be another: its clock and the way are measured anew. */
  void restart() {
    window.restart();
    meter.restart();
    rule.restart();
    window.limit(rule.limitBytes());
    draining = false;
  }

  int chunkBytes() {
    return rule.chunkBytes();
  }

  /** To be read. */
  CreditWindow window() {
    return window;
  }

  /** To be read. */
  LinkMeter meter() {
    return meter;
  }
}
