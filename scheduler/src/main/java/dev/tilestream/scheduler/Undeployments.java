package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Deployments that are to go, until each device has said that they are gone: the message may be lost, and a device that keeps a
 * deployment keeps its memory. Devices that left are asked no more; they give up what a source that they miss has deployed. Not
 * thread-safe: lives in the scheduler actor's thread.
 */
final class Undeployments {
  private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();

  private static final class Leaving {
    final Map<String, ActorRef<Deployments.Command>> devices;
    long againNanos;

    Leaving(Map<String, ActorRef<Deployments.Command>> devices, long againNanos) {
      this.devices = new HashMap<>(devices);
      this.againNanos = againNanos;
    }
  }

  private final ActorRef<SourceEvent> events;
  private final Map<DeploymentId, Leaving> leaving = new HashMap<>();

  /** @param events where devices answer */
  Undeployments(ActorRef<SourceEvent> events) {
    this.events = events;
  }

  void begin(DeploymentId id, Map<String, ActorRef<Deployments.Command>> devices, long now) {
    if (devices.isEmpty()) return;
    leaving.put(id, new Leaving(devices, now + AGAIN_NANOS));
    tell(id, devices.values());
  }

  void confirmed(SourceEvent.Undeployed event) {
    Leaving entry = leaving.get(event.id());
    if (entry == null) return;
    entry.devices.remove(event.device());
    if (entry.devices.isEmpty()) leaving.remove(event.id());
  }

  /** Those that are not among {@code present} are not waited for. */
  void keep(Collection<ActorRef<Deployments.Command>> present) {
    for (Iterator<Leaving> i = leaving.values().iterator(); i.hasNext(); ) {
      Leaving entry = i.next();
      entry.devices.values().retainAll(present);
      if (entry.devices.isEmpty()) i.remove();
    }
  }

  /** Tells those again that have not answered for a while. */
  void tick(long now) {
    leaving.forEach((id, entry) -> {
      if (now - entry.againNanos < 0) return;
      entry.againNanos = now + AGAIN_NANOS;
      tell(id, entry.devices.values());
    });
  }

  private void tell(DeploymentId id, Collection<ActorRef<Deployments.Command>> devices) {
    devices.forEach(device -> device.tell(new Deployments.Undeploy(id, events)));
  }

  /** Deployments that somebody has not confirmed to be gone. */
  int size() {
    return leaving.size();
  }
}
