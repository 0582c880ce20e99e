package dev.tilestream.tile;

import dev.tilestream.tensor.Parcel;
import dev.tilestream.tile.InFlight.Purpose;
import java.util.Set;

/** Has the source told what a link did not bring to its peer, and why. Not thread-safe: its link's alone. */
final class Undelivered {
  private final String peer;
  private final TileHost host;
  private Purpose lastRefused;

  Undelivered(String peer, TileHost host) {
    this.peer = peer;
    this.host = host;
  }

  /** Takes the parcel over. Of several for the same, one is told of. */
  void refuse(Parcel parcel, SourceEvent.Cause cause, String reason) {
    parcel.rows().release();
    Purpose refused = Purpose.of(parcel);
    if (!refused.equals(lastRefused)) tell(refused, host.device(), cause, reason);
    lastRefused = refused;
  }

  void lost(Set<Purpose> purposes, String reason) {
    purposes.forEach(lost -> tell(lost, host.device(), SourceEvent.Cause.UNREACHABLE, reason));
  }

  void unknown(Purpose rows) {
    String reason = "%s does not know deployment %s, or waits for no rows of inference %s".formatted(peer, rows.deployment(), rows.inference());
    tell(rows, host.device(), SourceEvent.Cause.UNREACHABLE, reason);
  }

  /** The peer's tiles are the peer's to fail; what its join misses is this device's part, to be computed again. */
  void exhausted(Purpose rows) {
    String device = rows.tile() == Parcel.SINK ? host.device() : peer;
    tell(rows, device, SourceEvent.Cause.EXHAUSTED, "%s had no memory for rows of inference %s".formatted(peer, rows.inference()));
  }

  private void tell(Purpose rows, String device, SourceEvent.Cause cause, String reason) {
    if (rows.tile() == Parcel.NOBODY) return;
    host.deployments().tell(new Deployments.Undeliverable(rows.deployment(), rows.inference(), rows.tile(), device, cause, reason));
  }
}
