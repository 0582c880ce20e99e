package dev.tilestream.tensor;

/**
 * Rows on their way to a tile: the only message that carries tensor bytes. {@code tile} {@link #SINK} addresses the source, where
 * answers are joined. Whoever receives a parcel owns its slice and releases it.
 *
 * @param urgency smaller goes first, the plan's order
 * @param wireBytes of its rows as they travel, or as they came
 * @param number which of those that its link sends it is, modulo {@link #NUMBERS}, so that the other end sees when one is missing
 */
public record Parcel(DeploymentId deployment, InferenceId inference, int tile, int urgency, TensorSlice rows, long wireBytes, int number) {
  /** The address of the source's join. */
  public static final int SINK = -1;

  /** Addresses every tile of the deployment on the receiving device that needs any of the rows. */
  public static final int ALL = -2;

  /** Addresses nobody: what is taken, acknowledged and released, to measure the way. */
  public static final int NOBODY = -3;

  /** How many numbers there are; they begin again with 0. */
  public static final int NUMBERS = 256;

  /** Not sent by a link yet. */
  public Parcel(DeploymentId deployment, InferenceId inference, int tile, int urgency, TensorSlice rows) {
    this(deployment, inference, tile, urgency, rows, rows.wireBytes(), 0);
  }

  /** The same with other rows, as which it will travel. */
  public Parcel with(TensorSlice other) {
    return new Parcel(deployment, inference, tile, urgency, other);
  }

  /** The same as the one before which its link has sent {@code before}. */
  public Parcel numbered(long before) {
    return new Parcel(deployment, inference, tile, urgency, rows, wireBytes, (int) (before % NUMBERS));
  }
}
