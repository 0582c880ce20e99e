package dev.tilestream.tensor.wire;

import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;

/**
 * What is told instead of a {@link dev.tilestream.tensor.Parcel} that came while there was no memory for its rows: that it came. Never sent
 * to other nodes.
 *
 * @param wireBytes of its rows as they came
 * @param number that of the parcel
 */
public record UnreadParcel(DeploymentId deployment, InferenceId inference, int tile, long wireBytes, int number) {}
