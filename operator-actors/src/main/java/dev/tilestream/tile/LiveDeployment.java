package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.DeploymentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A deployment on this device: being built, running, or ending. State of {@link Deployments}, not thread-safe. */
final class LiveDeployment {
  private final DeploymentId id;
  private final ActorRef<SourceEvent> source;
  private final List<ActorRef<SourceEvent>> waiting = new ArrayList<>();
  private List<TileTask> tasks = List.of();
  private Map<Integer, ActorRef<TileActor.Command>> actors = Map.of();
  private boolean built;
  private boolean ending;

  LiveDeployment(DeploymentId id, ActorRef<SourceEvent> source) {
    this.id = id;
    this.source = source;
  }

  DeploymentId id() {
    return id;
  }

  ActorRef<SourceEvent> source() {
    return source;
  }

  List<TileTask> tasks() {
    return tasks;
  }

  boolean built() {
    return built;
  }

  boolean ending() {
    return ending;
  }

  /** False when it was ending already. */
  boolean end() {
    boolean first = !ending;
    ending = true;
    return first;
  }

  void started(List<TileTask> made, Map<Integer, ActorRef<TileActor.Command>> spawned) {
    tasks = List.copyOf(made);
    actors = Map.copyOf(spawned);
    built = true;
  }

  void tellAll(TileActor.Command command) {
    actors.values().forEach(actor -> actor.tell(command));
  }

  void tellWhenFree(ActorRef<SourceEvent> ref) {
    waiting.add(ref);
  }

  List<ActorRef<SourceEvent>> waiting() {
    return waiting;
  }
}
