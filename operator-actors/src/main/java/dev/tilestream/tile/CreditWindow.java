package dev.tilestream.tile;

/**
 * What of a link is under way: sent and not yet acknowledged, in bytes and parcels, against a limit that {@link WindowRule} sets. Not
 * thread-safe.
 */
final class CreditWindow {
  private final int limitParcels;
  private long limitBytes;
  private long sentParcels;
  private long sentBytes;
  private long takenParcels;
  private long takenBytes;

  CreditWindow(int limitParcels, long limitBytes) {
    this.limitParcels = limitParcels;
    this.limitBytes = limitBytes;
  }

  /** Whether {@code bytes} more may go; always when nothing is under way. */
  boolean takes(long bytes) {
    return isEmpty() || inFlightBytes() + bytes <= limitBytes && inFlightParcels() < limitParcels;
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

  void limit(long bytes) {
    limitBytes = bytes;
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
