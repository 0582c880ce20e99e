package dev.tilestream.tile;

import dev.tilestream.plan.Chunking;

/**
 * How much of a link may be under way: about what the air holds in a round trip and {@link #SLACK_SECONDS} more, so that what waits
 * waits in the link's own queue, where urgent rows overtake. As large as the settings allow until the rate is known. Not thread-safe.
 */
final class CreditWindow {
  /** Keeps the air busy while acknowledgements are late. */
  private static final double SLACK_SECONDS = 0.020;

  /**
   * The same for an emulated air, which holds back what waits by itself, whatever the window; all its devices share one machine, and
   * acknowledge late when that is busy. Less would make the air look slow then, and a smaller window of that.
   */
  private static final double EMULATED_SLACK_SECONDS = 0.100;

  private final LinkSettings settings;
  private long sentParcels;
  private long sentBytes;
  private long takenParcels;
  private long takenBytes;
  private long limitBytes;
  private int chunkBytes;

  CreditWindow(LinkSettings settings) {
    this.settings = settings;
    limitBytes = settings.windowBytes();
    chunkBytes = settings.chunkBytes();
  }

  /** Whether {@code bytes} more may go; always when nothing is under way. */
  boolean takes(long bytes) {
    return isEmpty() || inFlightBytes() + bytes <= limitBytes && inFlightParcels() < settings.windowParcels();
  }

  void sent(long bytes) {
    sentParcels++;
    sentBytes += bytes;
  }

  /** False when the peer claims what cannot be, or nothing new. */
  boolean taken(long parcels, long bytes) {
    if (parcels <= takenParcels || parcels > sentParcels || bytes < takenBytes || bytes > sentBytes) return false;
    takenParcels = parcels;
    takenBytes = bytes;
    return true;
  }

  /** Fits window and chunks to what was measured; 0 for what is not known. */
  void adapt(double bytesPerSecond, double roundTripSeconds) {
    if (bytesPerSecond <= 0) return;
    chunkBytes = Chunking.bytes(bytesPerSecond, settings.chunkBytes());
    double slack = settings.emulation().meanBytesPerSecond() > 0 ? EMULATED_SLACK_SECONDS : SLACK_SECONDS;
    limitBytes = (long) Math.min(settings.windowBytes(), Math.max(2.0 * chunkBytes, bytesPerSecond * (roundTripSeconds + slack)));
  }

  int chunkBytes() {
    return chunkBytes;
  }

  long limitBytes() {
    return limitBytes;
  }

  /** Since the last {@link #restart}. */
  long sentBytes() {
    return sentBytes;
  }

  /** Since the last {@link #restart}. */
  long sentParcels() {
    return sentParcels;
  }

  long inFlightParcels() {
    return sentParcels - takenParcels;
  }

  long inFlightBytes() {
    return sentBytes - takenBytes;
  }

  boolean isEmpty() {
    return sentParcels == takenParcels;
  }

  /** Nothing is under way any more. */
  void restart() {
    sentParcels = takenParcels = 0;
    sentBytes = takenBytes = 0;
  }
}
