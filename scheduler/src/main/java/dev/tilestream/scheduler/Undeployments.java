package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Deployments that are to go, until each device has said that they are gone: the message may be lost, and a device that keeps a
 * deployment keeps its memory. A device that says nothing for long is asked no more: it is gone, or misses this source and gives up what
 * that has deployed. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Undeployments {
  private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long GIVE_UP_NANOS = Duration.ofMinutes(10).toNanos();

  private static final class Leaving {
    final Map<String, ActorRef<Deployments.Command>> devices;
    final long sinceNanos;
    long againNanos;

    Leaving(Map<String, ActorRef<Deployments.Command>> devices, long now) {
      this.devices = new HashMap<>(devices);
      sinceNanos = now;
      againNanos = now + AGAIN_NANOS;
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
    leaving.put(id, new Leaving(devices, now));
    tell(id, devices.values());
  }

  void confirmed(SourceEvent.Undeployed event) {
    Leaving entry = leaving.get(event.id());
    if (entry == null) return;
    entry.devices.remove(event.device());
    if (entry.devices.isEmpty()) leaving.remove(event.id());
  }

  /** Tells those again that have not answered for a while. */
  void tick(long now) {
    leaving.values().removeIf(entry -> now - entry.sinceNanos > GIVE_UP_NANOS);
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
