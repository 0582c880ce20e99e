package dev.tilestream.node;

import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.tile.Emulation;
import dev.tilestream.tile.LinkReport;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is known of the ways to peers: measured where there was traffic enough, else assumed. Thread-safe. */
final class LinkBook {
  /** Traffic after which the measured rate is believed: some chunks one behind the other. */
  private static final long BELIEVED_BYTES = 64L << 10;
  /** How far off an assumed rate may be. */
  private static final double UNKNOWN_DEVIATION = 1;

  private final Emulation emulation;
  private final double assumedBytesPerSecond;
  private final Map<String, LinkReport> reports = new ConcurrentHashMap<>();

  /** @param assumedBytesPerSecond of a link that is not emulated, before it was measured */
  LinkBook(Emulation emulation, double assumedBytesPerSecond) {
    this.emulation = emulation;
    this.assumedBytesPerSecond = assumedBytesPerSecond;
  }

  void note(LinkReport report) {
    reports.put(report.peer(), report);
  }

  /** What led there is no more. */
  void forget(String peer) {
    reports.remove(peer);
  }

  LinkEstimate estimate(String peer) {
    LinkReport report = reports.get(peer);
    double assumed = emulation.meanBytesPerSecond() > 0 ? emulation.meanBytesPerSecond() : assumedBytesPerSecond;
    boolean measured = report != null && report.bytesPerSecond() > 0 && report.sentBytes() >= BELIEVED_BYTES;
    boolean probed = report != null && report.roundTripSeconds() > 0;
    return new LinkEstimate(
        measured ? report.bytesPerSecond() : assumed,
        probed ? report.roundTripSeconds() / 2 : emulation.delay().toNanos() / 1e9,
        LinkEstimate.MESSAGE_SECONDS,
        measured ? report.rateDeviation() : UNKNOWN_DEVIATION,
        probed ? report.delayDeviationSeconds() : 0);
  }
}
