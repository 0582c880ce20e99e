package dev.tilestream.tile;

import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import java.util.concurrent.ConcurrentHashMap;

/** The {@link Ledger}s of a source's inferences that other devices have a part in, while they are under way. Thread-safe. */
public final class Ledgers {
  private final Inboxes tiles;
  private final ConcurrentHashMap<InferenceId, Ledger> open = new ConcurrentHashMap<>();

  Ledgers(Inboxes tiles) {
    this.tiles = tiles;
  }

  /** From now on; to be closed. */
  public Ledger open(InferenceId inference, DeploymentId deployment) {
    Ledger ledger = new Ledger(deployment, tiles);
    if (open.putIfAbsent(inference, ledger) != null) throw new IllegalStateException("ledger of %s: already open".formatted(inference));
    return ledger;
  }

  /** Gives back the rows it held. */
  public void close(InferenceId inference) {
    Ledger ledger = open.remove(inference);
    if (ledger != null) ledger.close();
  }

  /** See {@link Ledger#sends}; true for inferences of other sources. */
  boolean sends(String device, Parcel parcel) {
    Ledger ledger = open.get(parcel.inference());
    return ledger == null || ledger.sends(device, parcel);
  }

  /** See {@link Ledger#hedges}. */
  boolean hedges(InferenceId inference, DeploymentId deployment, int tile) {
    Ledger ledger = open.get(inference);
    return ledger != null && ledger.hedges(deployment, tile);
  }

  void received(Parcel parcel) {
    Ledger ledger = open.get(parcel.inference());
    if (ledger != null) ledger.received(parcel);
  }

  void delivered(InferenceId inference, String device, long bytes) {
    Ledger ledger = open.get(inference);
    if (ledger != null) ledger.delivered(device, bytes);
  }

  /** Inferences under way. */
  public int size() {
    return open.size();
  }
}
