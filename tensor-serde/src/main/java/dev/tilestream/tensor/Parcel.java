package dev.tilestream.tensor;

/**
 * Rows on their way to a tile: the only message that carries tensor bytes. {@code tile} {@link #SINK} addresses the source, where
 * answers are joined. Whoever receives a parcel owns its slice and releases it.
 *
 * @param urgency smaller goes first, the plan's order
 * @param wireBytes of its rows as they travel, or as they came
 */
public record Parcel(DeploymentId deployment, InferenceId inference, int tile, int urgency, TensorSlice rows, long wireBytes) {
  /** The address of the source's join. */
  public static final int SINK = -1;

  /** Addresses every tile of the deployment on the receiving device that needs any of the rows. */
  public static final int ALL = -2;

  /** Addresses nobody: what is taken, acknowledged and released, to measure the way. */
  public static final int NOBODY = -3;

  public Parcel(DeploymentId deployment, InferenceId inference, int tile, int urgency, TensorSlice rows) {
    this(deployment, inference, tile, urgency, rows, rows.wireBytes());
  }

  /** The same with other rows, as which it will travel. */
  public Parcel with(TensorSlice other) {
    return new Parcel(deployment, inference, tile, urgency, other);
  }
}
