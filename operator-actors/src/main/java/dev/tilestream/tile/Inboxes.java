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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/** Which tile actors of which deployments take rows on this device. Thread-safe; read at every parcel. */
public final class Inboxes {
  private record Need(RowSpan span, int tile, ActorRef<TileActor.Command> actor) {}

  private record Tiles(Map<Integer, ActorRef<TileActor.Command>> actors, Map<Integer, List<Need>> byTensor) {}

  private final ConcurrentHashMap<DeploymentId, Tiles> deployments = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<DeploymentId, Tiles> standing = new ConcurrentHashMap<>();

  /** @param actors by tile id, one for each of {@code tasks} */
  void open(DeploymentId deployment, List<TileTask> tasks, Map<Integer, ActorRef<TileActor.Command>> actors) {
    deployments.put(deployment, tiles(tasks, actors));
  }

  /** These are other devices' tiles, which get rows here by {@link #relieve} alone. */
  void standBy(DeploymentId deployment, List<TileTask> tasks, Map<Integer, ActorRef<TileActor.Command>> actors) {
    standing.put(deployment, tiles(tasks, actors));
  }

  private static Tiles tiles(List<TileTask> tasks, Map<Integer, ActorRef<TileActor.Command>> actors) {
    Map<Integer, List<Need>> byTensor = new HashMap<>();
    for (TileTask task : tasks)
      for (Rows need : task.band().inputs())
        byTensor.computeIfAbsent(need.tensor(), t -> new ArrayList<>())
            .add(new Need(need.span(), task.tile().id(), actors.get(task.tile().id())));
    return new Tiles(Map.copyOf(actors), byTensor);
  }

  void close(DeploymentId deployment) {
    deployments.remove(deployment);
    standing.remove(deployment);
  }

  /** Takes the parcel over. False when this device does not run its tile; it is released then. */
  boolean deliver(Parcel parcel) {
    Tiles tiles = deployments.get(parcel.deployment());
    if (tiles != null && parcel.tile() == Parcel.ALL) return deliverToAll(tiles, parcel, tile -> true);
    ActorRef<TileActor.Command> actor = tiles == null ? null : tiles.actors().get(parcel.tile());
    if (actor == null) parcel.rows().release();
    else actor.tell(new TileActor.Rows(parcel));
    return actor != null;
  }

  /** Hands rows that are addressed to {@code chosen} of another device's tiles to those that stand by for them. The parcel stays the caller's. */
  void relieve(Parcel parcel, Set<Integer> chosen) {
    Tiles tiles = standing.get(parcel.deployment());
    if (tiles == null) return;
    if (parcel.tile() == Parcel.ALL) {
      parcel.rows().retain();
      deliverToAll(tiles, parcel, chosen::contains);
      return;
    }
    ActorRef<TileActor.Command> actor = chosen.contains(parcel.tile()) ? tiles.actors().get(parcel.tile()) : null;
    if (actor == null) return;
    parcel.rows().retain();
    actor.tell(new TileActor.Rows(parcel));
  }

  private static boolean deliverToAll(Tiles tiles, Parcel parcel, IntPredicate chosen) {
    boolean any = false;
    for (Need need : tiles.byTensor().getOrDefault(parcel.rows().tensor(), List.of())) {
      if (!chosen.test(need.tile()) || !need.span().overlaps(parcel.rows().span())) continue;
      parcel.rows().retain();
      need.actor().tell(new TileActor.Rows(parcel));
      any = true;
    }
    parcel.rows().release();
    return any;
  }
}
