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

  /** Addresses every tile of the deployment on the receiving device that needs any of the rows. */
  public static final int ALL = -2;

  /** Addresses nobody: what is taken, acknowledged and released, to measure the way. */
  public static final int NOBODY = -3;
}
