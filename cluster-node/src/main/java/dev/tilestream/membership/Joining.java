package dev.tilestream.membership;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.ClusterCommand;
import akka.cluster.typed.Join;
import akka.cluster.typed.JoinSeedNodes;
import dev.tilestream.security.SeedProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * Brings a node into its cluster. A seed that is not up yet is asked again every second: Akka itself would wait as long as for one that
 * may have failed, so a node that comes up before its seed would be ready five seconds after it.
 *
 * <p>A node that goes over to another cluster asks the members that it knows there first, and founds one of its own only when none of them has
 * answered for a while.
 */
public final class Joining extends AbstractBehavior<Joining.Command> {
  sealed interface Command {}

  private record Tick() implements Command {}

  private record Explained(String why) implements Command {}

  private static final Duration AGAIN = Duration.ofSeconds(1);
  /** So many times members are asked before a cluster is founded beside theirs. */
  private static final int PATIENCE = 10;
  /** Seeds that are only just coming up are no news; whoever still stands outside after that wants to know why. */
  private static final int FIRST_EXPLAINED = 8;
  private static final int EXPLAINED_EVERY = 60;

  private final Cluster cluster;
  private final Address self;
  private final List<Address> seeds;
  private final Set<Address> others;
  private final SeedProbe probe;
  private int asked;
  private int ticks;

  private Joining(
      ActorContext<Command> context, TimerScheduler<Command> timers, List<Address> seeds, Collection<Address> known, Duration pause,
      SeedProbe probe) {
    super(context);
    context.setLoggerName(Joining.class);
    this.probe = probe;
    cluster = Cluster.get(context.getSystem());
    self = cluster.selfMember().address();
    this.seeds = List.copyOf(seeds);
    others = new LinkedHashSet<>(known);
    others.addAll(seeds);
    others.remove(self);
    // Without a cluster that is there already, or one to be waited for, there is nothing to ask twice.
    asked = known.isEmpty() ? PATIENCE : 0;
    timers.startTimerWithFixedDelay(new Tick(), pause, AGAIN);
  }

  /**
   * @param seeds members to join through, this node perhaps among them; the first of them founds the cluster when no other answers. None: a
   *     cluster of its own
   * @param known members of a cluster that is there already; asked before the seeds
   * @param pause before it begins
   * @param probe asked why, when nobody lets this node in
   */
  public static Behavior<?> through(List<Address> seeds, Collection<Address> known, Duration pause, SeedProbe probe) {
    return Behaviors.<Command>setup(
        context -> Behaviors.withTimers(timers -> new Joining(context, timers, seeds, known, pause, probe)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Tick.class, tick -> ask()).onMessage(Explained.class, this::onExplained).build();
  }

  private Behavior<Command> ask() {
    if (!cluster.selfMember().status().equals(MemberStatus.removed())) return Behaviors.stopped();
    ActorRef<ClusterCommand> manager = cluster.manager();
    boolean founds = seeds.isEmpty() || seeds.get(0).equals(self);
    if (++ticks % EXPLAINED_EVERY == FIRST_EXPLAINED && !others.isEmpty()) explain();
    if (!founds || asked++ < PATIENCE) {
      manager.tell(new JoinSeedNodes(List.copyOf(others)));
      return this;
    }
    if (others.isEmpty()) {
      manager.tell(Join.create(self));
      return Behaviors.stopped();
    }
    // Akka asks the others, and must come to the end of its asking before it may found one.
    List<Address> first = new ArrayList<>(List.of(self));
    first.addAll(others);
    manager.tell(new JoinSeedNodes(first));
    return Behaviors.stopped();
  }

  private void explain() {
    Executor blocking = getContext().getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    List<Address> asking = List.copyOf(others);
    CompletableFuture<String> why =
        CompletableFuture.supplyAsync(() -> asking.stream().map(this::reason).collect(Collectors.joining("; ")), blocking);
    getContext().pipeToSelf(why, (text, failure) -> new Explained(failure == null ? text : failure.toString()));
  }

  private String reason(Address other) {
    return "%s: %s".formatted(Addresses.hostPort(other), probe.ask(other.getHost().orElse(""), other.getPort().orElse(0)));
  }

  private Behavior<Command> onExplained(Explained explained) {
    if (cluster.selfMember().status().equals(MemberStatus.removed()))
      getContext().getLog().warn("no member has let this node in yet: {}", explained.why);
    return this;
  }
}
