package dev.tilestream.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import dev.tilestream.tensor.wire.ControlMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Who else is there. Members find each other through the receptionist and introduce themselves, and say so when they leave. A member that
 * cannot be reached stays a neighbour until it is given up: links know sooner and better who answers. Of several of one name the last to
 * introduce itself counts: it has come back, and the others are what is left of earlier starts. Listeners are told every change.
 */
public final class Membership extends AbstractBehavior<Membership.Command> {
  public sealed interface Command {}

  /** From one member to another: who it is. Answered with the same where {@code answer} asks for it. */
  public record Introduce(Neighbour me, boolean answer) implements Command, ControlMessage {}

  /** From a member that leaves: it takes nothing more to do. */
  public record Leaving(ActorRef<Command> member) implements Command, ControlMessage {}

  private record Again() implements Command {}

  private record Leave() implements Command {}

  private static final Duration AGAIN = Duration.ofSeconds(2);

  private record Listed(Receptionist.Listing listing) implements Command {}

  private static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "tilestream-member");

  private final Neighbour me;
  private final Consumer<Map<String, Neighbour>> listener;
  private final Consumer<String> leaves;
  /** In the order of their introduction. */
  private final Map<ActorRef<Command>, Neighbour> introduced = new LinkedHashMap<>();
  private Set<ActorRef<Command>> listed = Set.of();
  private Map<String, Neighbour> published = Map.of();

  private Membership(
      ActorContext<Command> context, TimerScheduler<Command> timers, Function<ActorRef<Command>, Neighbour> me,
      Consumer<Map<String, Neighbour>> listener, Consumer<String> leaves) {
    super(context);
    context.setLoggerName(Membership.class);
    this.leaves = leaves;
    timers.startTimerWithFixedDelay(new Again(), AGAIN);
    this.me = me.apply(context.getSelf());
    this.listener = listener;
    var receptionist = context.getSystem().receptionist();
    receptionist.tell(Receptionist.register(KEY, context.getSelf()));
    receptionist.tell(Receptionist.subscribe(KEY, context.messageAdapter(Receptionist.Listing.class, Listed::new)));
  }

  /**
   * @param me this member, given its own address
   * @param listener called in the actor's thread with all neighbours by name whenever they change; must not block
   * @param leaves called likewise with the name of a neighbour that has said that it leaves
   */
  public static Behavior<Command> create(
      Function<ActorRef<Command>, Neighbour> me, Consumer<Map<String, Neighbour>> listener, Consumer<String> leaves) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Membership(context, timers, me, listener, leaves)));
  }

  /** Tell all neighbours that this member leaves. */
  static Command leave() {
    return new Leave();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Introduce.class, this::onIntroduce).onMessage(Listed.class, this::onListed)
        .onMessage(Leaving.class, this::onLeaving).onMessage(Leave.class, this::onLeave)
        .onMessage(Again.class, again -> introduce()).build();
  }

  private Behavior<Command> onListed(Listed message) {
    listed = message.listing.getAllServiceInstances(KEY);
    introduce();
    introduced.keySet().retainAll(listed);
    publish();
    return this;
  }

  /** Again and again: the first may be lost on the way, or its answer. */
  private Behavior<Command> introduce() {
    for (ActorRef<Command> member : listed)
      if (!member.equals(getContext().getSelf()) && !introduced.containsKey(member)) member.tell(new Introduce(me, true));
    return this;
  }

  private Behavior<Command> onIntroduce(Introduce message) {
    Neighbour other = message.me;
    if (other.name().equals(me.name())) {
      getContext().getLog().warn(
          "a member at {} calls itself {} like this one (expected: names differ); it is left out", other.membership().path(), me.name());
      return this;
    }
    introduced.putIfAbsent(other.membership(), other);
    if (message.answer) other.membership().tell(new Introduce(me, false));
    publish();
    return this;
  }

  private Behavior<Command> onLeaving(Leaving message) {
    Neighbour other = introduced.get(message.member);
    if (other != null && other.equals(published.get(other.name()))) {
      getContext().getLog().info("{} leaves", other.name());
      leaves.accept(other.name());
    }
    return this;
  }

  private Behavior<Command> onLeave(Leave message) {
    introduced.keySet().forEach(member -> member.tell(new Leaving(getContext().getSelf())));
    return this;
  }

  private void publish() {
    Map<String, Neighbour> neighbours = new HashMap<>();
    introduced.forEach((ref, neighbour) -> {
      if (listed.contains(ref)) neighbours.put(neighbour.name(), neighbour);
    });
    if (neighbours.equals(published)) return;
    published = Map.copyOf(neighbours);
    getContext().getLog().info("neighbours: {}", published.keySet());
    listener.accept(published);
  }
}
