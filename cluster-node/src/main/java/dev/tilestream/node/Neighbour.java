package dev.tilestream.node;

import akka.actor.typed.ActorRef;
import dev.tilestream.blob.Blobs;
import dev.tilestream.models.ModelDesk;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Inbox;
import java.util.Objects;

/** How a member is reached: its name, role, and the actors that others talk to. */
public record Neighbour(
    String name,
    NodeSettings.Role role,
    ActorRef<Membership.Command> membership,
    ActorRef<Deployments.Command> deployments,
    ActorRef<Inbox.Command> inbox,
    ActorRef<ModelDesk.Command> models,
    ActorRef<Blobs.Command> blobs) {
  /** @throws RuntimeException when a peer sent a name that is none, or left something out */
  public Neighbour {
    NodeSettings.checkName(name);
    for (Object part : new Object[] {role, membership, deployments, inbox, models, blobs})
      Objects.requireNonNull(part, "neighbour " + name + ": incomplete");
  }
}
