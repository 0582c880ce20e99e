package dev.tilestream.tile;

import dev.tilestream.plan.Chunking;

/**
 * The window over an emulated air, which holds back by itself what waits, whatever the window: about what the air holds in a round trip
 * and {@link #SLACK_SECONDS} more; as large as the settings allow until the rate is known. All devices of an emulated air share one
 * machine, and acknowledge late when that is busy. Less slack would make the air look slow then, and a smaller window of that.
 */
final class EmulatedAirRule implements WindowRule {
  private static final double SLACK_SECONDS = 0.100;

  private final LinkSettings settings;
  private long limitBytes;
  private int chunkBytes;

  EmulatedAirRule(LinkSettings settings) {
    this.settings = settings;
    limitBytes = settings.windowBytes();
    chunkBytes = settings.chunkBytes();
  }

  @Override
  public void taken(long bytes, LinkMeter meter) {
    double rate = meter.bytesPerSecond();
    if (rate <= 0) return;
    chunkBytes = Chunking.bytes(rate, settings.chunkBytes());
    double holds = rate * (meter.roundTripNanos() * 1e-9 + SLACK_SECONDS);
    limitBytes = (long) Math.min(settings.windowBytes(), Math.max(2.0 * chunkBytes, holds));
  }

  @Override
  public void resumes(LinkMeter meter) {
    // What goes waits for the air, however much may.
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
    return false;
  }

  @Override
  public void restart() {
    // What is known of the air stays.
  }
}
