package dev.tilestream.tile;

import java.util.ArrayDeque;
import java.util.List;

/**
 * What a link delivers, from its own traffic: goodput from when chunks arrived by the peer's clock, round trips and how far that clock is
 * from ours from probes. Instants are {@link System#nanoTime}. Not thread-safe.
 *
 * <p>The air began with a chunk when the one before was there, or when the chunk came, whichever was later: max(arrival of the one before,
 * sent + way), all by the peer's clock, as LEDBAT (RFC 6817) measures delays. So waiting for the application does not count as slowness,
 * nor does an idle link, nor how late acknowledgements come back or are read. A busy machine measures ways too long, which would make the
 * air look quicker than it is; where another chunk was under way, so that the air was most likely busy, a little is taken off. About a
 * megabyte, or a quarter of a second, replaces what was believed before.
 */
final class LinkMeter {
  /** Fewer bytes at a time, after a pause, change nothing. */
  static final int SMALLEST_SAMPLE = 8 << 10;

  private static final double MEMORY_BYTES = 1 << 20;
  private static final double MEMORY_NANOS = 0.25e9;
  /** Fewer bytes say nothing of the air but when it began with those behind them. */
  private static final long SMALLEST_CHUNK = 2 << 10;
  /** Likewise where nothing was in the air before: how late a busy machine saw them would count as much as they. */
  private static final long SMALLEST_LONE = 32 << 10;
  private static final long DOUBT_NANOS = 2_000_000;
  /** The way may be all of the time that a chunk takes but one part of so many. */
  private static final int MOST_WAY = 8;

  /** Share of a new chunk in what waits before it, and of a new acknowledgement in how late they come: sooner believed when later. */
  private static final double QUEUE_BELIEVED = 0.25;
  private static final double LATER_BELIEVED = 0.25;
  private static final double SOONER_BELIEVED = 0.06;

  private record Sent(long bytes, long at, boolean pipelined) {}

  private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
  private final BaseDelay base = new BaseDelay();
  private final RateDoubt doubt = new RateDoubt();
  private long lastArrival;
  private boolean any;
  private double recentBytes;
  private double recentNanos;
  private long sampled = System.nanoTime() - Long.MAX_VALUE / 2;
  private double bytesPerSecond;
  private double queueSeconds;
  private double queueDeviationSeconds;
  private double feedbackSeconds;

  /** A chunk of {@code bytes} leaves now. */
  void sent(long bytes, long now) {
    inFlight.add(new Sent(bytes, now, !inFlight.isEmpty()));
  }

  /**
   * So many more chunks have arrived.
   *
   * @param arrivals when the last of them did, by the peer's clock
   */
  void acknowledged(long chunks, List<Long> arrivals, long now) {
    for (long untold = chunks - arrivals.size(); untold > 0; untold--) inFlight.poll();
    for (int i = (int) Math.max(0, arrivals.size() - chunks); i < arrivals.size() && !inFlight.isEmpty(); i++)
      arrived(inFlight.poll(), arrivals.get(i), now);
    if (base.known() && !arrivals.isEmpty()) fedBack(arrivals.get(0), now);
  }

  /** What it takes until a chunk that is through the air is known here to be, with the way there. The first has waited for the others. */
  private void fedBack(long at, long now) {
    double seconds = Math.max(base.roundTripNanos(), now - at + base.wayNanos()) * 1e-9;
    feedbackSeconds += (feedbackSeconds == 0 ? 1 : seconds > feedbackSeconds ? LATER_BELIEVED : SOONER_BELIEVED) * (seconds - feedbackSeconds);
  }

  private void arrived(Sent chunk, long at, long now) {
    if (base.known() && chunk.bytes() >= (lone(chunk) ? SMALLEST_LONE : SMALLEST_CHUNK)) sample(chunk.bytes(), airNanos(chunk, at), now);
    if (base.known()) waited(chunk, at);
    any = true;
    lastArrival = at;
  }

  /** By how much it took longer than its way and its own time of the air: what was before it, wherever that waited. */
  private void waited(Sent chunk, long at) {
    double own = bytesPerSecond > 0 ? chunk.bytes() / bytesPerSecond : 0;
    double seconds = Math.max(0, (at - chunk.at() - base.wayNanos()) * 1e-9 - own);
    queueDeviationSeconds += QUEUE_BELIEVED / 2 * (Math.abs(seconds - queueSeconds) - queueDeviationSeconds);
    queueSeconds += (queueSeconds == 0 ? 1 : QUEUE_BELIEVED) * (seconds - queueSeconds);
  }

  /** The soonest that it can have been there, by the peer's clock, had it taken no time of the air. */
  private long soonest(Sent chunk) {
    return chunk.at() + base.wayNanos() - (chunk.pipelined() ? DOUBT_NANOS : 0);
  }

  private boolean lone(Sent chunk) {
    return !any || soonest(chunk) - lastArrival > 0;
  }

  /** At least 1. */
  private long airNanos(Sent chunk, long at) {
    long sent = notBefore(chunk.at() + base.wayNanos() - base.roundTripNanos());
    long began = notBefore(soonest(chunk));
    // A way measured too long must not make the air look quick: what came sooner was, but nobody knows by how much.
    long least = (at - sent) / (began < at ? MOST_WAY : 2);
    return Math.max(Math.max(at - began, least), 1);
  }

  private long notBefore(long instant) {
    return any ? Math.max(lastArrival, instant) : instant;
  }

  /** Times are averaged, not rates: of two chunks that are there together after a pause, neither says anything alone. */
  private void sample(long bytes, long nanos, long now) {
    doubt.sample(bytes, nanos, bytesPerSecond);
    double keep = recentBytes == 0 ? 0 : Math.exp(-bytes / MEMORY_BYTES - (now - sampled) / MEMORY_NANOS);
    recentBytes = keep * recentBytes + bytes;
    recentNanos = keep * recentNanos + nanos;
    sampled = now;
    if (recentBytes >= SMALLEST_SAMPLE) bytesPerSecond = recentBytes / (recentNanos * 1e-9);
  }

  /** Starts from zero totals, keeping the estimate of the rate: the link was opened anew. */
  void restart() {
    inFlight.clear();
    base.restart();
    any = false;
    queueSeconds = 0;
    queueDeviationSeconds = 0;
    feedbackSeconds = 0;
  }

  /**
   * A few bytes sent at {@code sent} were there at {@code there}, by the peer's clock, and the word of it here now.
   *
   * @param clear whether nothing of this link's was under way before them
   */
  void probed(long sent, long there, long now, boolean clear) {
    base.probed(sent, there, now, clear);
  }

  /** Of a small message when nothing is in the way; 0 when never measured. */
  long roundTripNanos() {
    return base.roundTripNanos();
  }

  /** How much longer small messages lately took one way, as the root of the mean square. */
  double delayDeviationSeconds() {
    return base.deviationSeconds();
  }

  /** When the air was measured last; long ago when never. */
  long sampledNanos() {
    return sampled;
  }

  /** 0 when never measured. */
  double bytesPerSecond() {
    return bytesPerSecond;
  }

  /** How far off {@link #bytesPerSecond} has been lately, as a share of it. */
  double rateDeviation() {
    return doubt.relative();
  }

  /** What the last chunks waited for on their way, most likely for those before them at the bottleneck. */
  double queueSeconds() {
    return queueSeconds;
  }

  /** How much that swings, in the mean. */
  double queueDeviationSeconds() {
    return queueDeviationSeconds;
  }

  /** The way there, and from a chunk's being there until that is known here: the round trip and how late the peer tells; 0 before. */
  double feedbackSeconds() {
    return feedbackSeconds;
  }
}
