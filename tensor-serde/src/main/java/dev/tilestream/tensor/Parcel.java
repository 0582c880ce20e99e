package dev.tilestream.tensor;

/**
 * Rows on their way to a tile: the only message that carries tensor bytes. {@code tile} {@link #SINK} addresses the source, where
 * answers are joined. Whoever receives a parcel owns its slice and releases it.
 *
 * @param urgency smaller goes first, the plan's order
 */
public record Parcel(DeploymentId deployment, InferenceId inference, int tile, int urgency, TensorSlice rows) {
  /** The address of the source's join. */
  public static final int SINK = -1;
}
