package dev.tilestream.tile;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * What a link delivers, from its own traffic: goodput from acknowledged bytes while it was busy, round trip from probes. Instants are
 * {@link System#nanoTime}. Not thread-safe.
 *
 * <p>A rate sample is the bytes acknowledged over the time since the acknowledgement before, or, when the link had been idle, since they
 * were sent less the round trip. Samples are averaged with weights by size: a few hundred kilobytes replace what was believed before.
 */
final class LinkMeter {
  private static final double MEMORY_BYTES = 1 << 20;
  private static final long SMALLEST_SAMPLE = 16 << 10;
  private static final int ROUND_TRIPS = 8;

  private record Sent(long total, long at) {}

  private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
  private final long[] roundTrips = new long[ROUND_TRIPS];
  private int roundTripCount;
  private long sampleBytes;
  private long sampleStart;
  private long acknowledged;
  private double rate;
  private double weight;

  /** {@code total} bytes were sent so far, the last of them now. */
  void sent(long total, long now) {
    if (inFlight.isEmpty()) {
      sampleStart = now + roundTripNanos();
      sampleBytes = 0;
    }
    inFlight.add(new Sent(total, now));
  }

  /** The first {@code total} bytes sent have arrived. */
  void acknowledged(long total, long now) {
    while (!inFlight.isEmpty() && inFlight.peek().total() <= total) inFlight.poll();
    sampleBytes += total - acknowledged;
    acknowledged = total;
    long elapsed = now - sampleStart;
    if (sampleBytes < SMALLEST_SAMPLE || elapsed <= 0) return;
    double keep = Math.exp(-sampleBytes / MEMORY_BYTES);
    rate = keep * rate + (1 - keep) * (sampleBytes / (elapsed * 1e-9));
    weight = keep * weight + (1 - keep);
    sampleBytes = 0;
    sampleStart = now;
  }

  /** Starts from zero totals, keeping the estimates: the link was opened anew. */
  void restart() {
    inFlight.clear();
    acknowledged = 0;
    sampleBytes = 0;
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
    return weight == 0 ? 0 : rate / weight;
  }
}
