package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Feeder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One strategy's deployment of a model instance, from planning to undeployment. Belongs to the scheduler actor's thread. */
final class Slot {
  enum State {
    PLANNING,
    DEPLOYING,
    LIVE,
    RETIRED
  }

  final ModelInstance instance;
  final Strategy strategy;
  final DeploymentId id;
  final Deque<Flight> waiting = new ArrayDeque<>();
  /** Where it was sent, by device name; empty until it is planned. */
  final Map<String, ActorRef<Deployments.Command>> at = new HashMap<>();
  /** Devices that have not answered yet. */
  final Set<String> awaited = new HashSet<>();
  State state = State.PLANNING;
  Plan plan;
  Routes routes;
  Feeder feeder;
  long airBytes;
  int inFlight;
  long deployDeadlineNanos;

  Slot(ModelInstance instance, Strategy strategy, DeploymentId id) {
    this.instance = instance;
    this.strategy = strategy;
    this.id = id;
  }

  /** Not live yet, but perhaps soon. */
  boolean coming() {
    return state == State.PLANNING || state == State.DEPLOYING;
  }

  /** Names of the devices that compute a part, in the plan's order. */
  List<String> devices() {
    return plan.tiles().stream().map(t -> t.device()).distinct().sorted().map(plan.devices()::get).toList();
  }

  /** What the plan was predicted to take; 0 when unknown. */
  double predictedSeconds() {
    return Double.isNaN(plan.predictedSeconds()) ? 0 : plan.predictedSeconds();
  }
}
