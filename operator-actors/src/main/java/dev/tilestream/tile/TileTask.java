package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.graph.Band;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import java.util.List;
import java.util.Optional;

/**
 * What a tile actor does, worked out at deployment.
 *
 * @param kernel the actor gives its hold back when it stops
 * @param pace the kernel's, on an emulated device
 * @param group of its kernel, where inferences may be computed together
 * @param source whom to tell about failures
 */
record TileTask(
    DeploymentId deployment, Tile tile, Band band, List<Outgoing> outgoing, KernelLease kernel, Pace pace, Optional<Together> group,
    ActorRef<SourceEvent> source) {
  void fail(String device, InferenceId inference, SourceEvent.Cause cause, String reason) {
    source.tell(new SourceEvent.TileFailed(deployment, inference, tile.id(), device, cause, reason));
  }
}
