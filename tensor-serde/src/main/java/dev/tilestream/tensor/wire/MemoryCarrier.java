package dev.tilestream.tensor.wire;

/**
 * A message within one node that holds native memory, or a promise, other than one {@link dev.tilestream.tensor.Parcel}. When its receiver has
 * stopped, {@link #lost} is called instead; so an actor's own command that holds such things implements this. Never sent to other nodes.
 */
public interface MemoryCarrier {
  /** Nobody receives it any more: releases what it holds. Called once, from another actor's thread. */
  void lost();
}
