package dev.tilestream.tensor.wire;

import dev.tilestream.tensor.Parcel;

/**
 * A message within one node that wraps a {@link Parcel}. When nobody receives it, its parcel is released like a bare one; so an actor's
 * own command for rows implements this. Never sent to other nodes: the bare parcel is.
 */
public interface ParcelCarrier {
  Parcel parcel();
}
