package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deployments of this source: plans sent to their devices, kept until they are retired and nothing runs on them any more. A device
 * that refuses a deployment, or says nothing, is left out of plans for a while. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Deployer {
  private static final Logger LOG = LoggerFactory.getLogger(Deployer.class);
  /** An answer that takes longer may be lost; asked again then, and each time after twice as long. */
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();
  /** Slots whose generation is remembered; one that is forgotten gets a new number. */
  private static final int SLOTS_REMEMBERED = 1024;

  /** What happens to slots, told in the actor's thread. */
  interface Listener {
    void live(Slot slot);

    /** It never became live. */
    void failed(Slot slot, InferenceFailure why);

    /** It was live, and these devices of it will deliver nothing more. */
    void lost(Slot slot, Set<String> devices, InferenceFailure why);
  }

  private record SlotKey(ModelInstance.Key instance, String hash) {}

  private final SourceRuntime source;
  private final ActorRef<SourceEvent> events;
  private final SchedulerSettings settings;
  private final Listener listener;
  private final Undeployments undeployments;
  private final Map<DeploymentId, Slot> slots = new HashMap<>();
  private final Map<SlotKey, DeploymentId> lastIds = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<SlotKey, DeploymentId> eldest) {
      return size() > SLOTS_REMEMBERED;
    }
  };
  private Map<String, Peer> peers = Map.of();
  private long nextSlot;

  /** @param events where devices answer */
  Deployer(SourceRuntime source, ActorRef<SourceEvent> events, SchedulerSettings settings, Listener listener) {
    this.source = source;
    this.events = events;
    this.settings = settings;
    this.listener = listener;
    undeployments = new Undeployments(events);
  }

  /** Deployments that use a device which is gone, or has come back as new, are lost. */
  void peersChanged(Map<String, Peer> now) {
    peers = Map.copyOf(now);
    List<ActorRef<Deployments.Command>> there = new ArrayList<>(List.of(source.deployments()));
    peers.values().forEach(peer -> there.add(peer.deployments()));
    for (Slot slot : List.copyOf(slots.values())) {
      Set<String> gone =
          slot.at.entrySet().stream().filter(e -> !there.contains(e.getValue())).map(Map.Entry::getKey).collect(Collectors.toSet());
      if (!gone.isEmpty()) lose(slot, gone, new InferenceFailure(InferenceFailure.Kind.BUSY, "devices %s left".formatted(gone)));
    }
  }

  /** The deployment of that plan, begun now if there is none; empty when one of its devices is not there. */
  Optional<Slot> deploy(ModelInstance instance, PlanTable.Entry entry) {
    Slot known = instance.slots.get(entry.hash());
    if (known != null) return Optional.of(known);
    if (entry.plan().devices().stream().anyMatch(name -> deployments(name).isEmpty())) return Optional.empty();
    long now = System.nanoTime();
    Slot slot = new Slot(instance, entry, nextId(new SlotKey(instance.key, entry.hash())), now);
    instance.slots.put(slot.hash(), slot);
    slots.put(slot.id, slot);
    slot.deployDeadlineNanos = now + settings.deployTimeout().toNanos();
    slot.deployAgainNanos = now + AGAIN_NANOS;
    slot.awaited.addAll(entry.plan().devices());
    entry.plan().devices().forEach(name -> slot.at.put(name, deployments(name).get()));
    ask(slot);
    return Optional.of(slot);
  }

  private void ask(Slot slot) {
    slot.awaited.forEach(name -> slot.at.get(name).tell(new Deployments.Deploy(slot.id, slot.plan(), name, events)));
  }

  private DeploymentId nextId(SlotKey key) {
    DeploymentId last = lastIds.get(key);
    DeploymentId id = last == null
        ? new DeploymentId(source.incarnation() + nextSlot++, 1)
        : new DeploymentId(last.slot(), last.generation() + 1);
    lastIds.put(key, id);
    return id;
  }

  private Optional<ActorRef<Deployments.Command>> deployments(String name) {
    return name.equals(source.device()) ? Optional.of(source.deployments()) : Optional.ofNullable(peers.get(name)).map(Peer::deployments);
  }

  void deployed(SourceEvent.Deployed event) {
    Slot slot = slots.get(event.id());
    if (slot == null || slot.state != Slot.State.DEPLOYING) return;
    slot.awaited.remove(event.device());
    if (!slot.awaited.isEmpty()) return;
    slot.state = Slot.State.LIVE;
    LOG.info(
        "deployed plan {} ({}) of {} as {}: {} tiles on {}, {} ms predicted",
        slot.hash(), slot.plan().strategy().word(), slot.instance.model.name(), slot.id, slot.plan().tiles().size(), slot.devices(),
        String.format(Locale.ROOT, "%.1f", slot.plan().predictedSeconds() * 1e3));
    listener.live(slot);
  }

  /** A device does not deploy it, or not any more: its tiles died. */
  void refused(SourceEvent.Refused event) {
    Slot slot = slots.get(event.id());
    if (slot == null || !slot.at.containsKey(event.device())) return;
    boolean here = event.device().equals(source.device());
    InferenceFailure why = new InferenceFailure(
        here ? InferenceFailure.Kind.BROKEN : InferenceFailure.Kind.BUSY,
        "device %s refused %s: %s".formatted(event.device(), event.id(), event.reason()));
    if (slot.state == Slot.State.LIVE) lose(slot, Set.of(event.device()), why);
    else if (slot.state == Slot.State.DEPLOYING) {
      if (!here) leaveOut(slot, event.device());
      fail(slot, why);
    }
  }

  /** Has the source stand by for the other devices of a slot that serves. */
  void standBy(Slot slot) {
    if (slot.standByAsked || slot.state != Slot.State.LIVE || !slot.shared()) return;
    slot.standByAsked = true;
    source.deployments().tell(new Deployments.StandBy(slot.id));
  }

  void standsBy(SourceEvent.StandsBy event) {
    Slot slot = slots.get(event.id());
    if (slot != null && event.device().equals(source.device())) slot.standsBy = true;
  }

  /** As asked for; or a device took this source for gone, and its deployments went. */
  void undeployed(SourceEvent.Undeployed event) {
    undeployments.confirmed(event);
    Slot slot = slots.get(event.id());
    if (slot == null || slot.state == Slot.State.RETIRED || !slot.at.containsKey(event.device())) return;
    lose(slot, Set.of(event.device()), new InferenceFailure(InferenceFailure.Kind.BUSY, event.device() + " has ended " + event.id()));
  }

  /** Asks devices again that do not answer, and at last fails what waits for them. */
  void tick(long now) {
    undeployments.tick(now);
    for (Slot slot : List.copyOf(slots.values())) {
      if (slot.state != Slot.State.DEPLOYING) continue;
      if (now - slot.deployAgainNanos > 0) askAgain(slot, now);
      if (now - slot.deployDeadlineNanos <= 0) continue;
      String why = "no word of the deployment from %s within %s".formatted(slot.awaited, settings.deployTimeout());
      slot.awaited.stream().filter(name -> !name.equals(source.device())).forEach(name -> leaveOut(slot, name));
      fail(slot, new InferenceFailure(InferenceFailure.Kind.BUSY, why));
    }
  }

  private void askAgain(Slot slot, long now) {
    // Never used yet: since it was made.
    slot.deployAgainNanos = now + (now - slot.usedNanos);
    ask(slot);
  }

  private void leaveOut(Slot slot, String device) {
    slot.instance.leaveOut(device, System.nanoTime() + settings.retryRefused().toNanos());
  }

  private void fail(Slot slot, InferenceFailure why) {
    LOG.warn("plan {} of {} not deployed: {}", slot.hash(), slot.instance.model.name(), why.getMessage());
    retire(slot);
    listener.failed(slot, why);
  }

  private void lose(Slot slot, Set<String> devices, InferenceFailure why) {
    if (slot.state == Slot.State.DEPLOYING) {
      fail(slot, why);
      return;
    }
    if (slot.state == Slot.State.LIVE) LOG.warn("plan {} of {} lost: {}", slot.hash(), slot.instance.model.name(), why.getMessage());
    retire(slot);
    listener.lost(slot, devices, why);
  }

  /** No new inference uses it; undeployed once the last one is done. */
  void retire(Slot slot) {
    slot.state = Slot.State.RETIRED;
    slot.instance.slots.remove(slot.hash(), slot);
    undeployIfUnused(slot);
  }

  void retireAll(ModelInstance instance) {
    List.copyOf(instance.slots.values()).forEach(this::retire);
  }

  void ended(Slot slot) {
    slot.inFlight--;
    slot.usedNanos = System.nanoTime();
    undeployIfUnused(slot);
  }

  private void undeployIfUnused(Slot slot) {
    if (slot.state != Slot.State.RETIRED || slot.inFlight > 0) return;
    if (slots.remove(slot.id) != null) undeployments.begin(slot.id, slot.at, System.nanoTime());
  }

  /** Tells the devices of {@code slot} that nobody waits for {@code inference} any more. */
  void forget(Slot slot, InferenceId inference) {
    slot.at.values().forEach(device -> device.tell(new Deployments.Expire(slot.id, inference)));
  }
}
