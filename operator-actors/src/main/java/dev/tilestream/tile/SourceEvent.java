package dev.tilestream.tile;

import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.wire.ControlMessage;

/** What devices tell the source of a deployment. */
public sealed interface SourceEvent extends ControlMessage {
  /** The tiles of {@code device} are there and take rows. */
  record Deployed(DeploymentId id, String device) implements SourceEvent {}

  /** {@code device}, the source's own, can compute the tiles of the others. */
  record StandsBy(DeploymentId id, String device) implements SourceEvent {}

  /** {@code device} does not deploy {@code id}: the reason says what came and what was expected. */
  record Refused(DeploymentId id, String device, String reason) implements SourceEvent {}

  /**
   * All tiles of {@code id} on {@code device} have stopped and their native memory is free; also said when there were none, and unasked when
   * the device took the source for gone.
   */
  record Undeployed(DeploymentId id, String device) implements SourceEvent {}

  /**
   * An inference will not get what {@code tile} owes it, unless it is computed elsewhere. Said once per tile and inference.
   *
   * @param tile {@link dev.tilestream.tensor.Parcel#SINK} for rows on their way to the source itself, {@link
   *     dev.tilestream.tensor.Parcel#ALL} for rows that several tiles needed
   * @param device the one at fault; where it had rows to send and could not, that too
   */
  record TileFailed(DeploymentId deployment, InferenceId inference, int tile, String device, Cause cause, String reason)
      implements SourceEvent {}

  /** Why a tile failed; the first two pass by themselves. */
  enum Cause {
    /** No native memory left on the device. */
    EXHAUSTED,
    /** A bounded queue was full. */
    BUSY,
    /** No link, or a peer that does not know the deployment. */
    UNREACHABLE,
    /** The kernel failed, or rows came that cannot be: a bug or a hostile peer. */
    BROKEN
  }
}
