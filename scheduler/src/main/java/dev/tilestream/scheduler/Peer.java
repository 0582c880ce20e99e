package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.tile.Deployments;
import java.util.function.Supplier;

/**
 * A device that plans may use besides the source.
 *
 * @param link what the way there delivers, as measured so far
 * @param load how busy it says it is
 */
public record Peer(String name, ActorRef<Deployments.Command> deployments, Supplier<LinkEstimate> link, Supplier<DeviceLoad> load) {
  /** Of which nobody knows how busy it is. */
  public Peer(String name, ActorRef<Deployments.Command> deployments, Supplier<LinkEstimate> link) {
    this(name, deployments, link, () -> DeviceLoad.idle(name));
  }
}
