package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.DeploymentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A deployment on this device: being built, running, or ending. State of {@link Deployments}, not thread-safe. */
final class LiveDeployment {
  private final Deployments.Deploy deploy;
  private final List<ActorRef<SourceEvent>> waiting = new ArrayList<>();
  private final List<TileTask> tasks = new ArrayList<>();
  private final List<ActorRef<TileActor.Command>> actors = new ArrayList<>();
  private boolean building = true;
  private boolean deployed;
  private boolean standsBy;
  private boolean ending;

  LiveDeployment(Deployments.Deploy deploy) {
    this.deploy = deploy;
  }

  Deployments.Deploy deploy() {
    return deploy;
  }

  DeploymentId id() {
    return deploy.id();
  }

  ActorRef<SourceEvent> source() {
    return deploy.source();
  }

  List<TileTask> tasks() {
    return List.copyOf(tasks);
  }

  /** Kernels are being made for it. */
  boolean building() {
    return building;
  }

  /** Its own tiles are there and take rows. */
  boolean deployed() {
    return deployed && !ending;
  }

  /** Whether {@code again} asks for what is there, or being made. */
  boolean answers(Deployments.Deploy again) {
    return !ending && id().equals(again.id()) && source().equals(again.source());
  }

  /** False when it can't be, or was asked before. */
  boolean beginStandingBy() {
    if (building || ending || standsBy) return false;
    building = true;
    standsBy = true;
    return true;
  }

  void notBuilt() {
    building = false;
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
    tasks.addAll(made);
    actors.addAll(spawned.values());
    building = false;
    deployed = true;
  }

  void tellAll(TileActor.Command command) {
    actors.forEach(actor -> actor.tell(command));
  }

  void tellWhenFree(ActorRef<SourceEvent> ref) {
    waiting.add(ref);
  }

  List<ActorRef<SourceEvent>> waiting() {
    return waiting;
  }
}
