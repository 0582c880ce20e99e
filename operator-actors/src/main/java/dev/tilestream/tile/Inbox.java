package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.wire.ControlMessage;
import java.util.HashMap;
import java.util.Map;

/**
 * Where peers knock to send parcels to this device. Every link gets an {@link InboundLink} of its own, as a child: tensors travel to the
 * children's paths, on the large-message lane, and never block what is sent to this actor.
 */
public final class Inbox extends AbstractBehavior<Inbox.Command> {
  /** All come from peers. */
  public sealed interface Command {}

  /** Asks for a receiver; answered by {@code LinkActor.Opened}. A higher epoch replaces the receiver of a lower one. */
  record Open(String device, int epoch, ActorRef<LinkActor.Command> link) implements Command, ControlMessage {}

  /** Answered at once, to measure the round trip. */
  record Probe(long sentNanos, ActorRef<LinkActor.Command> link) implements Command, ControlMessage {}

  /** Answered at once, to show that somebody is there. */
  record Ping(ActorRef<LinkActor.Command> link) implements Command, ControlMessage {}

  private record LinkGone(ActorRef<LinkActor.Command> link) implements Command {}

  private record Receiver(int epoch, ActorRef<Parcel> ref) {}

  private final TileHost host;
  private final Map<ActorRef<LinkActor.Command>, Receiver> receivers = new HashMap<>();

  private Inbox(ActorContext<Command> context, TileHost host) {
    super(context);
    this.host = host;
  }

  static Behavior<Command> create(TileHost host) {
    return Behaviors.setup(context -> new Inbox(context, host));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Open.class, this::onOpen)
        .onMessage(Probe.class, this::onProbe)
        .onMessage(Ping.class, this::onPing)
        .onMessage(LinkGone.class, this::onLinkGone)
        .build();
  }

  private Behavior<Command> onOpen(Open open) {
    Receiver known = receivers.get(open.link());
    if (known == null) getContext().watchWith(open.link(), new LinkGone(open.link()));
    if (known == null || known.epoch() < open.epoch()) {
      if (known != null) getContext().stop(known.ref());
      ActorRef<Parcel> ref = getContext().spawnAnonymous(InboundLink.create(open.device(), open.epoch(), open.link(), host));
      known = new Receiver(open.epoch(), ref);
      receivers.put(open.link(), known);
    }
    if (known.epoch() == open.epoch()) open.link().tell(new LinkActor.Opened(known.epoch(), known.ref()));
    return this;
  }

  private Behavior<Command> onProbe(Probe probe) {
    LinkActor.ProbeReply reply = new LinkActor.ProbeReply(probe.sentNanos(), System.nanoTime());
    host.air().send(() -> probe.link().tell(reply));
    return this;
  }

  private Behavior<Command> onPing(Ping ping) {
    host.air().send(() -> ping.link().tell(new LinkActor.Pong()));
    return this;
  }

  private Behavior<Command> onLinkGone(LinkGone gone) {
    Receiver receiver = receivers.remove(gone.link());
    if (receiver != null) getContext().stop(receiver.ref());
    return this;
  }
}
