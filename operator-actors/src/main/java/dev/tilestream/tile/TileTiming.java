package dev.tilestream.tile;

import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;

/**
 * When a tile ran. All three instants are {@link System#nanoTime} of its device: complete and waiting for the lane, started, finished
 * (stretched, if a slower device is emulated).
 */
public record TileTiming(DeploymentId deployment, int tile, InferenceId inference, long queuedNanos, long startNanos, long endNanos) {
  /** The part of its time that one of {@code count} tiles took that ran together. */
  TileTiming part(int place, int count) {
    long each = (endNanos - startNanos) / count;
    return new TileTiming(deployment, tile, inference, queuedNanos, startNanos + place * each, startNanos + (place + 1) * each);
  }
}
