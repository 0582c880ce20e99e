package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which tile actors of which deployments take rows on this device. Thread-safe; read at every parcel. */
public final class Inboxes {
  private record Need(RowSpan span, ActorRef<TileActor.Command> actor) {}

  private record Tiles(Map<Integer, ActorRef<TileActor.Command>> actors, Map<Integer, List<Need>> byTensor) {}

  private final ConcurrentHashMap<DeploymentId, Tiles> deployments = new ConcurrentHashMap<>();

  /** @param actors by tile id, one for each of {@code tasks} */
  void open(DeploymentId deployment, List<TileTask> tasks, Map<Integer, ActorRef<TileActor.Command>> actors) {
    Map<Integer, List<Need>> byTensor = new HashMap<>();
    for (TileTask task : tasks)
      for (Rows need : task.band().inputs())
        byTensor.computeIfAbsent(need.tensor(), t -> new ArrayList<>()).add(new Need(need.span(), actors.get(task.tile().id())));
    deployments.put(deployment, new Tiles(Map.copyOf(actors), byTensor));
  }

  void close(DeploymentId deployment) {
    deployments.remove(deployment);
  }

  /** Takes the parcel over. False when this device does not run its tile; it is released then. */
  boolean deliver(Parcel parcel) {
    Tiles tiles = deployments.get(parcel.deployment());
    if (tiles != null && parcel.tile() == Parcel.ALL) return deliverToAll(tiles, parcel);
    ActorRef<TileActor.Command> actor = tiles == null ? null : tiles.actors().get(parcel.tile());
    if (actor == null) parcel.rows().release();
    else actor.tell(new TileActor.Rows(parcel));
    return actor != null;
  }

  private static boolean deliverToAll(Tiles tiles, Parcel parcel) {
    boolean any = false;
    for (Need need : tiles.byTensor().getOrDefault(parcel.rows().tensor(), List.of())) {
      if (!need.span().overlaps(parcel.rows().span())) continue;
      parcel.rows().retain();
      need.actor().tell(new TileActor.Rows(parcel));
      any = true;
    }
    parcel.rows().release();
    return any;
  }
}
