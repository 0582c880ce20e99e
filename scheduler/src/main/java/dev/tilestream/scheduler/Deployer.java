package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.plan.UnbuiltStrategyException;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Feeder;
import dev.tilestream.tile.SourceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deployments of this source: one slot per model instance and strategy, planned, deployed to its devices, replaced when the fleet
 * changes and undeployed when nothing runs on it any more. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Deployer {
  private static final Logger LOG = LoggerFactory.getLogger(Deployer.class);

  /** What happens to slots, told in the actor's thread. */
  interface Listener {
    /** Start planning; the result comes back through {@link Deployer#planned}. */
    void plan(Slot slot, Fleet fleet);

    void live(Slot slot);

    void failed(Slot slot, InferenceFailure why);
  }

  private final SourceRuntime source;
  private final ActorRef<SourceEvent> events;
  private final SchedulerSettings settings;
  private final Listener listener;
  private final Map<DeploymentId, Slot> slots = new HashMap<>();
  private final Map<Object, DeploymentId> lastIds = new HashMap<>();
  private Map<String, Peer> peers = Map.of();
  private long nextSlot;

  /** @param events where devices answer */
  Deployer(SourceRuntime source, ActorRef<SourceEvent> events, SchedulerSettings settings, Listener listener) {
    this.source = source;
    this.events = events;
    this.settings = settings;
    this.listener = listener;
  }

  /** Slots with a deployment that uses a device which is gone are retired and returned. */
  List<Slot> peersChanged(Map<String, Peer> now) {
    peers = Map.copyOf(now);
    List<Slot> broken = new ArrayList<>();
    for (Slot slot : List.copyOf(slots.values()))
      if (slot.state != Slot.State.RETIRED && slot.plan != null && !slot.plan.devices().stream().allMatch(d -> d.equals(source.device()) || peers.containsKey(d))) {
        broken.add(slot);
        replace(slot);
      }
    return broken;
  }

  /** The slot of that strategy, planned and deployed anew if there is none. */
  Slot slot(ModelInstance instance, Strategy strategy) {
    Slot known = instance.slots.get(strategy);
    if (known != null) return known;
    Object key = List.of(instance.key, strategy);
    DeploymentId last = lastIds.get(key);
    DeploymentId id = last == null ? new DeploymentId(source.incarnation() + nextSlot++, 1) : new DeploymentId(last.slot(), last.generation() + 1);
    lastIds.put(key, id);
    Slot slot = new Slot(instance, strategy, id);
    instance.slots.put(strategy, slot);
    slots.put(id, slot);
    listener.plan(slot, fleet(instance));
    return slot;
  }

  /** What a plan for {@code instance} may use now. */
  private Fleet fleet(ModelInstance instance) {
    List<DeviceProfile> devices = new ArrayList<>();
    List<LinkEstimate> way = new ArrayList<>();
    devices.add(instance.prepared.profiles().get(source.device()));
    way.add(null);
    peers.values().stream().sorted(java.util.Comparator.comparing(Peer::name)).forEach(peer -> {
      DeviceProfile profile = instance.prepared.profiles().get(peer.name());
      if (profile == null) return;
      devices.add(profile);
      way.add(peer.link().get());
    });
    List<List<LinkEstimate>> links = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) {
      List<LinkEstimate> row = new ArrayList<>();
      for (int j = 0; j < devices.size(); j++) row.add(i == j ? way.get(Math.min(1, way.size() - 1)) : between(way.get(i), way.get(j)));
      links.add(row);
    }
    return new Fleet(devices, links(links, devices.size()), Medium.PER_LINK);
  }

  /** The diagonal is never read, but must hold something. */
  private static List<List<LinkEstimate>> links(List<List<LinkEstimate>> links, int n) {
    if (n > 1) return links;
    return List.of(List.of(new LinkEstimate(1e9, 0, 0)));
  }

  /** From the source it is the measured way; between two peers, nobody has told, so it is the worse of both ways. */
  private static LinkEstimate between(LinkEstimate a, LinkEstimate b) {
    if (a == null) return b;
    if (b == null) return a;
    return a.bytesPerSecond() <= b.bytesPerSecond() ? a : b;
  }

  /** The planner's work; runs anywhere. */
  static Plan plan(ModelInstance instance, Strategy strategy, Fleet fleet) {
    return Planners.of(strategy).plan(instance.prepared.graph(), fleet, PlanOptions.DEFAULT);
  }

  /** A plan is there, or why there is none. */
  void planned(Slot slot, Plan plan, Routes routes, Throwable failure) {
    if (slot.state == Slot.State.RETIRED) return;
    if (failure != null) {
      boolean unbuilt = failure instanceof UnbuiltStrategyException;
      fail(slot, new InferenceFailure(
          unbuilt ? InferenceFailure.Kind.UNSUPPORTED : InferenceFailure.Kind.BROKEN, failure.getMessage(), java.time.Duration.ofSeconds(1), failure));
      return;
    }
    slot.plan = plan;
    slot.routes = routes;
    slot.feeder = new Feeder(slot.id, plan, routes);
    slot.airBytes = AirTraffic.bytes(slot.instance.prepared.graph(), plan, routes);
    slot.state = Slot.State.DEPLOYING;
    slot.deployDeadlineNanos = System.nanoTime() + settings.deployTimeout().toNanos();
    slot.awaited.addAll(plan.devices());
    for (String name : plan.devices()) {
      Optional<ActorRef<Deployments.Command>> to = deployments(name);
      if (to.isEmpty()) {
        fail(slot, new InferenceFailure(InferenceFailure.Kind.BUSY, "device " + name + " left while a plan was made"));
        return;
      }
      to.get().tell(new Deployments.Deploy(slot.id, plan, name, events));
    }
  }

  /** Whom to tell at a device; empty when it is not there. */
  Optional<ActorRef<Deployments.Command>> deployments(String name) {
    return name.equals(source.device()) ? Optional.of(source.deployments()) : Optional.ofNullable(peers.get(name)).map(Peer::deployments);
  }

  void deployed(SourceEvent.Deployed event) {
    Slot slot = slots.get(event.id());
    if (slot == null || slot.state != Slot.State.DEPLOYING) return;
    slot.awaited.remove(event.device());
    if (!slot.awaited.isEmpty()) return;
    slot.state = Slot.State.LIVE;
    slot.instance.replaced.remove(slot.strategy);
    LOG.info(
        "deployed {} of {} as {}: {} tiles on {}, {} ms predicted",
        slot.strategy.word(), slot.instance.model.name(), slot.id, slot.plan.tiles().size(), slot.devices(),
        String.format(java.util.Locale.ROOT, "%.1f", slot.predictedSeconds() * 1e3));
    listener.live(slot);
  }

  void refused(SourceEvent.Refused event) {
    Slot slot = slots.get(event.id());
    if (slot == null || slot.state != Slot.State.DEPLOYING) return;
    fail(slot, new InferenceFailure(InferenceFailure.Kind.BROKEN, "device %s refused %s: %s".formatted(event.device(), event.id(), event.reason())));
  }

  Optional<Slot> find(DeploymentId id) {
    return Optional.ofNullable(slots.get(id));
  }

  /** Fails deployments whose devices do not answer. */
  void expire(long now) {
    for (Slot slot : List.copyOf(slots.values()))
      if (slot.state == Slot.State.DEPLOYING && now - slot.deployDeadlineNanos > 0)
        fail(slot, new InferenceFailure(InferenceFailure.Kind.BUSY, "no word of the deployment from %s within %s".formatted(slot.awaited, settings.deployTimeout())));
  }

  private void fail(Slot slot, InferenceFailure why) {
    LOG.warn("{} of {} not deployed: {}", slot.strategy.word(), slot.instance.model.name(), why.getMessage());
    retire(slot);
    listener.failed(slot, why);
  }

  /** Its strategy gets a new plan at the next request. */
  void replace(Slot slot) {
    if (slot.state == Slot.State.LIVE && slot.strategy != Strategy.LOCAL) slot.instance.replaced.add(slot.strategy);
    retire(slot);
  }

  /** No new inference uses it; undeployed once the last one is done. */
  void retire(Slot slot) {
    slot.state = Slot.State.RETIRED;
    slot.instance.slots.remove(slot.strategy, slot);
    undeployIfUnused(slot);
  }

  void ended(Slot slot) {
    slot.inFlight--;
    undeployIfUnused(slot);
  }

  private void undeployIfUnused(Slot slot) {
    if (slot.state != Slot.State.RETIRED || slot.inFlight > 0) return;
    if (slots.remove(slot.id) == null || slot.plan == null) return;
    for (String name : slot.plan.devices()) deployments(name).ifPresent(d -> d.tell(new Deployments.Undeploy(slot.id, events)));
  }

  /** Tells the devices of {@code slot} that nobody waits for {@code inference} any more. */
  void forget(Slot slot, InferenceId inference) {
    if (slot.plan == null) return;
    for (String name : slot.plan.devices()) deployments(name).ifPresent(d -> d.tell(new Deployments.Expire(slot.id, inference)));
  }
}
