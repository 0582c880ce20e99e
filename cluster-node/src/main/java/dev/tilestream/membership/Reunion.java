package dev.tilestream.membership;

import akka.actor.ActorRef;
import akka.actor.Address;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.eventstream.EventStream;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.ClusterEvent.MemberRemoved;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import akka.cluster.typed.Subscribe;
import akka.remote.artery.ThisActorSystemQuarantinedEvent;
import dev.tilestream.tensor.wire.ControlMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Looks for members that were given up, and for seeds that are in another cluster, and greets those that can be reached with who is on this
 * side. Whoever is greeted and is on the side that yields joins the other, as new. Nobody is asked to do anything by hand.
 *
 * <p>Sides that gave each other up are quarantined to each other; a greeting passes because quarantines are short here (see
 * {@code application.conf}) and greetings rarer than that.
 */
public final class Reunion extends AbstractBehavior<Reunion.Command> {
  /** Name of this actor, which others greet by its path. */
  public static final String NAME = "reunion";

  public sealed interface Command {}

  /**
   * From a member of another cluster: who is in it.
   *
   * @param from {@code host:port} of the sender
   * @param members of its side that it can reach, itself included
   * @param answer whether the sender would like to be greeted back
   */
  public record Greeting(String from, List<String> members, boolean answer) implements Command, ControlMessage {}

  private record Removed(MemberRemoved event) implements Command {}

  private record PutOut(Address by) implements Command {}

  private record Reached(List<Address> others) implements Command {}

  private record Look() implements Command {}

  private static final int CONNECT_MILLIS = 1000;
  /** Members that are looked for; who was lost longest ago goes. */
  private static final int MOST_LOST = 64;

  private final Cluster cluster;
  private final Address self;
  private final List<Address> seeds;
  private final Duration interval;
  private final Consumer<Set<Address>> goOver;
  private final TimerScheduler<Command> timers;
  private final Executor blocking;
  private final Set<Address> lost = new LinkedHashSet<>();
  private boolean going;

  private Reunion(
      ActorContext<Command> context, TimerScheduler<Command> timers, List<Address> seeds, Duration interval, Consumer<Set<Address>> goOver) {
    super(context);
    context.setLoggerName(Reunion.class);
    this.seeds = List.copyOf(seeds);
    this.interval = interval;
    this.goOver = goOver;
    this.timers = timers;
    var system = context.getSystem();
    cluster = Cluster.get(system);
    self = cluster.selfMember().address();
    blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    cluster.subscriptions().tell(Subscribe.create(context.messageAdapter(MemberRemoved.class, Removed::new), MemberRemoved.class));
    system.eventStream().tell(new EventStream.Subscribe<>(
        ThisActorSystemQuarantinedEvent.class,
        context.messageAdapter(ThisActorSystemQuarantinedEvent.class, event -> new PutOut(event.remoteAddress().address()))));
    lookLater();
  }

  /**
   * @param seeds where nodes of this fleet join
   * @param interval between two looks at one that is missed; longer than a quarantine
   * @param goOver called once, in the actor's thread, when this node should join the cluster of those members, as new
   */
  public static Behavior<Command> create(List<Address> seeds, Duration interval, Consumer<Set<Address>> goOver) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Reunion(context, timers, seeds, interval, goOver)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Removed.class, this::onRemoved)
        .onMessage(PutOut.class, this::onPutOut)
        .onMessage(Look.class, this::onLook)
        .onMessage(Reached.class, this::onReached)
        .onMessage(Greeting.class, this::onGreeting)
        .build();
  }

  private void lookLater() {
    timers.startSingleTimer(new Look(), interval.plusMillis(ThreadLocalRandom.current().nextLong(Math.max(1, interval.toMillis() / 4))));
  }

  private Behavior<Command> onRemoved(Removed removed) {
    Address address = removed.event.member().address();
    if (!removed.event.previousStatus().equals(MemberStatus.down()) || address.equals(self)) return this;
    lost.remove(address);
    lost.add(address);
    if (lost.size() > MOST_LOST) lost.remove(lost.iterator().next());
    return this;
  }

  /** One that is a member here has given this node up: then it is none any more, and who goes over to whom is settled by greetings. */
  private Behavior<Command> onPutOut(PutOut out) {
    for (Member member : cluster.state().getMembers())
      if (member.address().equals(out.by) && !member.address().equals(self) && !member.status().equals(MemberStatus.down())) {
        getContext().getLog().warn("{} has given this node up", out.by);
        cluster.manager().tell(new Down(out.by));
      }
    return this;
  }

  private Behavior<Command> onLook(Look look) {
    Set<Address> members = addresses(cluster.state());
    lost.removeAll(members);
    Set<Address> missed = new LinkedHashSet<>(seeds);
    missed.addAll(lost);
    missed.removeAll(members);
    missed.remove(self);
    if (!belongs() || missed.isEmpty()) {
      lookLater();
      return this;
    }
    getContext().pipeToSelf(reached(missed), (reached, failure) -> new Reached(failure == null ? reached : List.of()));
    return this;
  }

  private CompletionStage<List<Address>> reached(Set<Address> missed) {
    CompletionStage<List<Address>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (Address address : missed)
      all = all.thenCombine(CompletableFuture.supplyAsync(() -> connects(address), blocking), (list, yes) -> {
        if (yes) list.add(address);
        return list;
      });
    return all;
  }

  /** A greeting to where nobody listens would have the transport try again and again, and complain each time. */
  private static boolean connects(Address address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost().orElse(""), (int) address.getPort().orElse(0)), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Behavior<Command> onReached(Reached reached) {
    Set<Address> members = addresses(cluster.state());
    for (Address other : reached.others) if (!members.contains(other)) greet(other, true);
    lookLater();
    return this;
  }

  private void greet(Address other, boolean answer) {
    if (!belongs()) return;
    Greeting greeting = new Greeting(Addresses.hostPort(self), Addresses.hostPorts(own().members()), answer);
    Adapter.toClassic(getContext().getSystem()).actorSelection(other + "/user/" + NAME).tell(greeting, ActorRef.noSender());
  }

  private Behavior<Command> onGreeting(Greeting greeting) {
    Address from;
    Set<Address> theirs;
    try {
      from = Addresses.of(greeting.from);
      theirs = new LinkedHashSet<>(Addresses.of(greeting.members));
    } catch (IllegalArgumentException | NullPointerException e) {
      getContext().getLog().warn("a greeting that is none: {}", e.getMessage());
      return this;
    }
    if (!going && belongs()) meet(from, theirs, greeting.answer);
    return this;
  }

  private void meet(Address from, Set<Address> theirs, boolean answer) {
    boolean member = addresses(cluster.state()).contains(from);
    // Listed there, this node is a member with them, or was one before it started anew.
    if (theirs.remove(self) && member || theirs.isEmpty()) return;
    Set<Address> own = new LinkedHashSet<>(own().members());
    // One that stood still while it was given up believes that it is with them still.
    if (member) own.removeAll(theirs);
    if (new Side(own).yieldsTo(new Side(theirs))) {
      going = true;
      getContext().getLog().warn("{} can be reached, in a cluster of {}; joining it as new", from, theirs.size());
      goOver.accept(theirs);
      return;
    }
    if (member) cluster.manager().tell(new Down(from));
    if (answer) greet(from, false);
  }

  /** Whether this node is in a cluster; before, joining is what it is at. */
  private boolean belongs() {
    return cluster.selfMember().status().equals(MemberStatus.up()) || cluster.selfMember().status().equals(MemberStatus.weaklyUp());
  }

  private Side own() {
    CurrentClusterState state = cluster.state();
    Set<Address> own = addresses(state);
    state.getUnreachable().forEach(member -> own.remove(member.address()));
    own.add(self);
    return new Side(own);
  }

  private static Set<Address> addresses(CurrentClusterState state) {
    Set<Address> addresses = new LinkedHashSet<>();
    state.getMembers().forEach(member -> addresses.add(member.address()));
    return addresses;
  }
}
