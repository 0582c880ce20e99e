package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.DeploymentId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which tile actors of which deployments take rows on this device. Thread-safe; read at every parcel. */
public final class Inboxes {
  private final ConcurrentHashMap<DeploymentId, Map<Integer, ActorRef<TileActor.Command>>> tiles = new ConcurrentHashMap<>();

  void open(DeploymentId deployment, Map<Integer, ActorRef<TileActor.Command>> actors) {
    tiles.put(deployment, Map.copyOf(actors));
  }

  void close(DeploymentId deployment) {
    tiles.remove(deployment);
  }

  /** Null when this device does not run that tile. */
  ActorRef<TileActor.Command> find(DeploymentId deployment, int tile) {
    Map<Integer, ActorRef<TileActor.Command>> actors = tiles.get(deployment);
    return actors == null ? null : actors.get(tile);
  }

  /** True when the deployment takes rows here, be it with no tile at all. */
  public boolean knows(DeploymentId deployment) {
    return tiles.containsKey(deployment);
  }
}
