package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.tilestream.tensor.InferenceId;
import java.util.HashMap;
import java.util.Map;

/** Keeps one {@link LinkActor} per peer, as membership has it. */
public final class Links extends AbstractBehavior<Links.Command> {
  /** Only sent within the device. */
  public sealed interface Command {}

  /**
   * There is a way to {@code device} now. Replaces an earlier one of that name that led elsewhere.
   *
   * @param inbox {@code /user/parcels} of its node, resolved
   */
  public record Connect(String device, ActorRef<Inbox.Command> inbox) implements Command {}

  /** The peer is gone: what waits for it is released. */
  public record Disconnect(String device) implements Command {}

  /** Nobody wants this inference any more. */
  public record Drop(InferenceId inference) implements Command {}

  /** Asks all links for their counters; each answers for itself. */
  public record ReportLinks(ActorRef<LinkReport> replyTo) implements Command {}

  private record Link(ActorRef<Inbox.Command> inbox, ActorRef<LinkActor.Command> actor) {}

  private final TileHost host;
  private final Map<String, Link> links = new HashMap<>();

  private Links(ActorContext<Command> context, TileHost host) {
    super(context);
    this.host = host;
  }

  static Behavior<Command> create(TileHost host) {
    return Behaviors.setup(context -> new Links(context, host));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Connect.class, this::onConnect)
        .onMessage(Disconnect.class, this::onDisconnect)
        .onMessage(Drop.class, this::onDrop)
        .onMessage(ReportLinks.class, this::onReportLinks)
        .build();
  }

  private Behavior<Command> onConnect(Connect connect) {
    Link known = links.get(connect.device());
    if (known != null && known.inbox().equals(connect.inbox())) return this;
    disconnect(connect.device());
    Pulse pulse = new Pulse();
    ActorRef<LinkActor.Command> actor = getContext().spawnAnonymous(LinkActor.create(connect.device(), connect.inbox(), pulse, host));
    links.put(connect.device(), new Link(connect.inbox(), actor));
    host.courier().connect(connect.device(), actor, pulse);
    return this;
  }

  private Behavior<Command> onDisconnect(Disconnect message) {
    disconnect(message.device());
    return this;
  }

  private void disconnect(String device) {
    Link link = links.remove(device);
    if (link == null) return;
    host.courier().disconnect(device, link.actor());
    getContext().stop(link.actor());
  }

  private Behavior<Command> onDrop(Drop drop) {
    links.values().forEach(link -> link.actor().tell(new LinkActor.Drop(drop.inference())));
    return this;
  }

  private Behavior<Command> onReportLinks(ReportLinks ask) {
    links.values().forEach(link -> link.actor().tell(new LinkActor.ReportLink(ask.replyTo())));
    return this;
  }
}
