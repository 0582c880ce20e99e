package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Feeder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One plan's deployment for a model instance, until it is undeployed. Goals whose plans do the same share it. Belongs to the scheduler
 * actor's thread.
 */
final class Slot {
  enum State {
    DEPLOYING,
    LIVE,
    RETIRED
  }

  final ModelInstance instance;
  final PlanTable.Entry entry;
  final DeploymentId id;
  final Feeder feeder;
  /** Where it was sent, by device name. */
  final Map<String, ActorRef<Deployments.Command>> at = new HashMap<>();
  /** Devices that have not answered yet. */
  final Set<String> awaited = new HashSet<>();
  State state = State.DEPLOYING;
  int inFlight;
  /** How far its answers are off, where its plan is not exact: null before the first, empty when it could not be found out. */
  CompletableFuture<OptionalDouble> deviation;
  /** Made in the background, once it serves; null before. */
  Contingency contingency;
  boolean contingencyComing;
  /** The source can compute other devices' tiles. */
  boolean standsBy;
  boolean standByAsked;
  /** Inferences that it has answered, alone and undisturbed. */
  long answered;
  /** With others under way, too. */
  boolean warm;
  long usedNanos;
  long deployDeadlineNanos;
  /** When to ask those again that have not answered. */
  long deployAgainNanos;

  Slot(ModelInstance instance, PlanTable.Entry entry, DeploymentId id, long now) {
    this.instance = instance;
    this.entry = entry;
    this.id = id;
    usedNanos = now;
    feeder = new Feeder(id, entry.plan(), entry.input());
  }

  Plan plan() {
    return entry.plan();
  }

  /** {@link dev.tilestream.scheduler.plan.PlanHash} of its plan. */
  String hash() {
    return entry.hash();
  }

  /** Names of the devices that compute a part, in the plan's order. */
  List<String> devices() {
    return plan().tiles().stream().map(t -> t.device()).distinct().sorted().map(plan().devices()::get).toList();
  }

  /** Whether another device than the source has a part in it. */
  boolean shared() {
    return plan().tiles().stream().anyMatch(t -> t.device() != Plan.SOURCE);
  }
}
