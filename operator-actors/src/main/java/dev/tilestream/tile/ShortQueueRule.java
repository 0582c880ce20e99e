package dev.tilestream.tile;

/**
 * The window over a real line: one chunk, what passes while the word of it comes back, and some milliseconds more, which is what waits
 * at the bottleneck. What waits there nobody overtakes, and every heartbeat and control message waits with it; what waits here they pass.
 *
 * <p>By the model of BBR (Cardwell et al., 2016), delivered rate times the time without queues, corrected as LEDBAT (RFC 6817) does, by the
 * delay one way on the peer's clock: acknowledgements that come late make the window larger, arrivals that come late smaller. It starts
 * small, grows by half of what arrives, so by half in each round trip, and shrinks at once.
 */
final class ShortQueueRule implements WindowRule {
  /** Waits at the bottleneck, so that the line stays busy when this machine or the peer is not back in time. */
  private static final double LEAST_SLACK_SECONDS = 0.006;
  /** The same where times swing: machines are busy, or the rate is not steady. */
  private static final double MOST_SLACK_SECONDS = 0.016;
  /** How many times as much as times swing may wait. */
  private static final double SWINGS = 2;
  /** Beyond it the model is wrong, and the window gives way by what is too much. */
  static final double TOLERATED_SECONDS = 0.020;
  /** A chunk occupies the line this long: finer than plans reckon with ({@link dev.tilestream.plan.Chunking}), since several are under way. */
  static final double CHUNK_SECONDS = 0.004;
  /** Below it headers cost too much. */
  static final int SMALLEST_CHUNK = 8 << 10;
  /** What may always be under way, or the line would rest while it waits for word. */
  private static final int FEWEST_CHUNKS = 2;

  private final LinkSettings settings;
  private long limitBytes;
  private int chunkBytes;

  ShortQueueRule(LinkSettings settings) {
    this.settings = settings;
    chunkBytes = smallest();
    restart();
  }

  private int smallest() {
    return Math.min(SMALLEST_CHUNK, settings.chunkBytes());
  }

  @Override
  public void taken(long bytes, LinkMeter meter) {
    double rate = meter.bytesPerSecond();
    if (rate > 0) chunkBytes = (int) Math.max(smallest(), Math.min(settings.chunkBytes(), rate * CHUNK_SECONDS));
    limitBytes = Math.min(Math.max(wanted(rate, meter), (long) FEWEST_CHUNKS * chunkBytes), limitBytes + bytes / 2);
    limitBytes = Math.min(limitBytes, settings.windowBytes());
  }

  /** A whole window at once would wait at the bottleneck: as much as may wait there, then more as it arrives. */
  @Override
  public void resumes(LinkMeter meter) {
    double burst = chunkBytes + meter.bytesPerSecond() * slackSeconds(meter);
    limitBytes = Math.min(limitBytes, Math.max((long) burst, (long) FEWEST_CHUNKS * chunkBytes));
  }

  private static double slackSeconds(LinkMeter meter) {
    return Math.min(MOST_SLACK_SECONDS, Math.max(LEAST_SLACK_SECONDS, SWINGS * meter.queueDeviationSeconds()));
  }

  /** Nobody knows the rate where nothing but a few bytes went: more may go then while they don't wait. */
  private long wanted(double rate, LinkMeter meter) {
    if (rate <= 0) return meter.queueSeconds() <= LEAST_SLACK_SECONDS ? Long.MAX_VALUE : limitBytes;
    // What is under way here explains no longer a queue than that; less of it would not make it shorter.
    double own = Math.min(meter.queueSeconds(), limitBytes / rate);
    double excess = Math.max(0, own - TOLERATED_SECONDS);
    return (long) (chunkBytes + rate * Math.max(0, meter.feedbackSeconds() + slackSeconds(meter) - excess));
  }

  @Override
  public long limitBytes() {
    return limitBytes;
  }

  @Override
  public int chunkBytes() {
    return chunkBytes;
  }

  @Override
  public boolean queues() {
    return true;
  }

  @Override
  public void restart() {
    limitBytes = Math.min(settings.windowBytes(), (long) FEWEST_CHUNKS * smallest());
  }
}
