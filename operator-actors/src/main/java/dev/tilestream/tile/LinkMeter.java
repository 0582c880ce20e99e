package dev.tilestream.tile;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * What a link delivers, from its own traffic: goodput from acknowledgements, round trip from probes. Instants are {@link
 * System#nanoTime}. Not thread-safe.
 *
 * <p>The air began with a chunk when it was done with the one before, or when the chunk came, whichever was later; seen from here that
 * is one round trip later: max(last acknowledgement, sent + round trip). So waiting for the application does not count as slowness, nor
 * does an idle link. A busy machine measures round trips too long, which would make the air look quicker than it is; where another chunk
 * was under way, so that the air was most likely busy, a little is taken off. About a megabyte, or a quarter of a second, replaces what was
 * believed before.
 */
final class LinkMeter {
  private static final double MEMORY_BYTES = 1 << 20;
  private static final double MEMORY_NANOS = 0.25e9;
  private static final long SMALLEST_SAMPLE = 8 << 10;
  /** Fewer bytes say nothing of the air but when it began with those behind them. */
  private static final long SMALLEST_CHUNK = 2 << 10;
  private static final int ROUND_TRIPS = 8;
  private static final long DOUBT_NANOS = 2_000_000;
  /** The round trip may be all of the time that a chunk takes but one part of so many. */
  private static final int MOST_ROUND_TRIP = 8;

  private record Sent(long total, long at, boolean pipelined) {}

  private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
  private final long[] roundTrips = new long[ROUND_TRIPS];
  private int roundTripCount;
  private long acknowledged;
  private long lastAcknowledgement;
  private boolean any;
  private double recentBytes;
  private double recentNanos;
  private long sampled;
  private double bytesPerSecond;

  /** {@code total} bytes were sent so far, the last of them now. */
  void sent(long total, long now) {
    inFlight.add(new Sent(total, now, !inFlight.isEmpty()));
  }

  /**
   * The first {@code total} bytes sent have arrived.
   *
   * @param prompt whether the peer said so at once; what it held back says nothing about the air
   */
  void acknowledged(long total, boolean prompt, long now) {
    // What the peer held back arrived nobody knows when: it counts together with what follows it, where something does.
    if (!prompt && !inFlight.isEmpty() && inFlight.peekLast().total() > total) return;
    Sent first = inFlight.peek();
    while (!inFlight.isEmpty() && inFlight.peek().total() <= total) inFlight.poll();
    boolean mark = total - acknowledged < SMALLEST_CHUNK;
    if (first != null && first.total() <= total && prompt && !mark) {
      long sent = any ? Math.max(lastAcknowledgement, first.at()) : first.at();
      long began = Math.max(sent, first.at() + roundTripNanos() - (first.pipelined() ? DOUBT_NANOS : 0));
      // A round trip measured too long must not make the air look quick: what came sooner was, but nobody knows by how much.
      long least = (now - sent) / (began < now ? MOST_ROUND_TRIP : 2);
      sample(total - acknowledged, Math.max(Math.max(now - began, least), 1), now);
    }
    // A few bytes take no time: told of later than a round trip, they were told of late.
    boolean takesNoTime = mark && first != null && roundTripNanos() > 0;
    lastAcknowledgement = takesNoTime ? Math.min(now, first.at() + roundTripNanos() + DOUBT_NANOS) : now;
    any = true;
    acknowledged = total;
  }

  /** Times are averaged, not rates: of two acknowledgements that come together after a pause, neither says anything alone. */
  private void sample(long bytes, long nanos, long now) {
    double keep = recentBytes == 0 ? 0 : Math.exp(-bytes / MEMORY_BYTES - (now - sampled) / MEMORY_NANOS);
    recentBytes = keep * recentBytes + bytes;
    recentNanos = keep * recentNanos + nanos;
    sampled = now;
    if (recentBytes >= SMALLEST_SAMPLE) bytesPerSecond = recentBytes / (recentNanos * 1e-9);
  }

  /** Starts from zero totals, keeping the estimates: the link was opened anew. */
  void restart() {
    inFlight.clear();
    acknowledged = 0;
    any = false;
  }

  void roundTrip(long nanos) {
    roundTrips[roundTripCount++ % ROUND_TRIPS] = nanos;
  }

  /** The shortest of the last few: what the link needs when nothing is in the way; 0 when never measured. */
  long roundTripNanos() {
    int n = Math.min(roundTripCount, ROUND_TRIPS);
    return n == 0 ? 0 : Arrays.stream(roundTrips, 0, n).min().getAsLong();
  }

  /** 0 when never measured. */
  double bytesPerSecond() {
    return bytesPerSecond;
  }
}
