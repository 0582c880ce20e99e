package dev.tilestream.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A sender with {@link FlowControl}, a bottleneck with a queue in front of it, a peer with a clock of its own and acknowledgements as {@link
 * InboundLink} sends them, in virtual time and without chance. Either the line takes what comes and lets it wait, as a real one does, or
 * the sender waits until the one before is through, as {@link Wire} does over an emulated air.
 */
final class SimulatedLine {
  private static final double NANOS = 1e9;
  private static final long MILLI = 1_000_000;
  private static final long PEERS_CLOCK = -987_654_321_000L;
  private static final int HEADERS = 256;
  private static final int PROBE_BYTES = 300;
  private static final long ACKNOWLEDGE_EVERY = 2 * MILLI;
  /** The scheduler's tick: a timer of 5 ms fires so late. */
  private static final long ACKNOWLEDGE_WITHIN = 10 * MILLI;
  private static final int ACKNOWLEDGE_BYTES = 32 << 10;

  private record Event(long at, long order, Runnable happens) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  /** What was seen at one moment. */
  record Sight(double second, double bytesPerSecond, double rateDeviation, double queueSeconds, long deliveredBytes) {}

  final FlowControl flow;
  private final RateTrace rate;
  private final boolean holdsBack;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<Long> untold = new ArrayList<>();
  private long order;
  private long now;
  private long free;
  private long delayNanos;
  private long lateNanos;
  private long backlog;
  private long takenParcels;
  private long takenBytes;
  private long toldBytes;
  private long toldAt = -ACKNOWLEDGE_EVERY;
  private boolean timer;
  private boolean awaitsWire;
  private long longestWait;

  private SimulatedLine(LinkSettings settings, RateTrace rate, boolean holdsBack) {
    flow = new FlowControl(settings, 0);
    this.rate = rate;
    this.holdsBack = holdsBack;
    at(0, this::probe);
    every(2000 * MILLI, this::probe);
  }

  /** A line that takes what comes. */
  static SimulatedLine real(LinkSettings settings, RateTrace rate) {
    return new SimulatedLine(settings, rate, false);
  }

  /** An emulated air: {@code settings} are over it. */
  static SimulatedLine emulated(LinkSettings settings, RateTrace rate) {
    return new SimulatedLine(settings, rate, true);
  }

  SimulatedLine delay(double millis) {
    delayNanos = Math.round(millis * MILLI);
    return this;
  }

  /** From now on the peer tells so much later of what it took. */
  SimulatedLine acknowledgesLate(double millis) {
    lateNanos = Math.round(millis * MILLI);
    return this;
  }

  /** There is always something to send. */
  SimulatedLine saturated() {
    backlog = Long.MAX_VALUE / 2;
    at(0, this::pump);
    return this;
  }

  /** So many bytes are to be sent that often. */
  SimulatedLine bursts(long bytes, double millis) {
    every(Math.round(millis * MILLI), () -> {
      backlog += bytes;
      pump();
    });
    return this;
  }

  private void at(long instant, Runnable happens) {
    events.add(new Event(Math.max(instant, now), order++, happens));
  }

  private void every(long nanos, Runnable happens) {
    at(now + nanos, () -> {
      happens.run();
      every(nanos, happens);
    });
  }

  /** Runs until that second, and forgets the longest wait before. */
  SimulatedLine until(double second) {
    longestWait = 0;
    long end = Math.round(second * NANOS);
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event next = events.poll();
      now = next.at();
      next.happens().run();
    }
    now = end;
    return this;
  }

  Sight sight() {
    LinkMeter meter = flow.meter();
    return new Sight(now / NANOS, meter.bytesPerSecond(), meter.rateDeviation(), meter.queueSeconds(), takenBytes);
  }

  /** What a small message that came behind a chunk waited at the bottleneck, at most since {@link #until} was called last. */
  double longestWaitSeconds() {
    return longestWait / NANOS;
  }

  private long through(long from, long bytes) {
    return Math.round(rate.passed(from / NANOS, bytes) * NANOS);
  }

  private void pump() {
    while (backlog > 0) {
      long bytes = Math.min(backlog, flow.chunkBytes());
      if (!flow.takes(bytes)) return;
      if (holdsBack && free - now > MILLI / 2) {
        if (!awaitsWire) at(free, () -> {
          awaitsWire = false;
          pump();
        });
        awaitsWire = true;
        return;
      }
      send(bytes);
    }
  }

  private void send(long bytes) {
    backlog -= bytes;
    flow.sent(bytes, now);
    free = through(Math.max(free, now), bytes + HEADERS);
    longestWait = Math.max(longestWait, free - now);
    at(free + delayNanos, () -> arrived(bytes));
  }

  private void arrived(long bytes) {
    untold.add(now + PEERS_CLOCK);
    takenParcels++;
    takenBytes += bytes;
    if (now - toldAt >= ACKNOWLEDGE_EVERY || takenBytes - toldBytes >= ACKNOWLEDGE_BYTES) {
      tell();
    } else if (!timer) {
      timer = true;
      at(now + ACKNOWLEDGE_WITHIN, () -> {
        timer = false;
        if (!untold.isEmpty()) tell();
      });
    }
  }

  private void tell() {
    long parcels = takenParcels;
    long bytes = takenBytes;
    List<Long> arrivals = List.copyOf(untold);
    untold.clear();
    toldAt = now;
    toldBytes = bytes;
    at(now + delayNanos + lateNanos, () -> {
      flow.acknowledged(parcels, bytes, arrivals, now);
      if (flow.awaitsProbe()) probe();
      pump();
    });
  }

  /** Behind what waits on a real line; over an emulated air small messages take no turns with tensors. */
  private void probe() {
    long sent = now;
    flow.probing(sent);
    long there = (holdsBack ? now : through(Math.max(free, now), PROBE_BYTES)) + delayNanos;
    at(there + delayNanos, () -> flow.probed(sent, there + PEERS_CLOCK, now));
  }

  /** Half of the values are not above it. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(sorted.length - 1) / 2];
  }
}
