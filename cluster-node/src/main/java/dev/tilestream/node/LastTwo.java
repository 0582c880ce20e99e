package dev.tilestream.node;

import akka.actor.Address;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * Of two members that lose each other, both serve on. A majority can't tell which of them has died, and the plain rule would put out the
 * living one half of the time; nothing here breaks when both serve alone. If the other was only out of reach, the one whose address is
 * behind the other's joins it again, as new, once it can be reached for a while without having come back by itself.
 */
final class LastTwo extends AbstractBehavior<LastTwo.Command> {
  sealed interface Command {}

  private record Tick() implements Command {}

  private record Tried(boolean connected) implements Command {}

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration TRY_EVERY = Duration.ofSeconds(5);
  private static final int CONNECT_MILLIS = 1000;
  private static final int TRIES = 3;

  private final Cluster cluster;
  private final List<String> seeds;
  private final Duration patience;
  private final Executor blocking;
  private long unreachableSince;
  private boolean unreachable;
  private Address lost;
  private int connections;

  private LastTwo(ActorContext<Command> context, TimerScheduler<Command> timers, List<String> seeds, Duration patience) {
    super(context);
    context.setLoggerName(LastTwo.class);
    this.seeds = seeds;
    this.patience = patience;
    cluster = Cluster.get(context.getSystem());
    blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    timers.startTimerWithFixedDelay(new Tick(), TICK);
  }

  /**
   * @param seeds where this node joins, {@code host:port} each
   * @param patience how long the other is unreachable before it is given up; below the split brain resolver's
   */
  static Behavior<Command> create(List<String> seeds, Duration patience) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new LastTwo(context, timers, seeds, patience)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Tick.class, this::onTick).onMessage(Tried.class, this::onTried).build();
  }

  private Behavior<Command> onTick(Tick tick) {
    CurrentClusterState state = cluster.state();
    List<Member> members = StreamSupport.stream(state.getMembers().spliterator(), false).toList();
    if (lost != null && members.stream().anyMatch(m -> m.address().equals(lost))) lost = null;
    Member other = members.stream().filter(m -> !m.address().equals(cluster.selfMember().address())).findFirst().orElse(null);
    boolean was = unreachable;
    unreachable = members.size() == 2 && other != null && state.getUnreachable().contains(other);
    if (unreachable && !was) unreachableSince = System.nanoTime();
    if (unreachable && System.nanoTime() - unreachableSince > patience.toNanos()) giveUp(other.address());
    return this;
  }

  private void giveUp(Address other) {
    getContext().getLog().warn("{} cannot be reached for {}; this node serves on alone", other, patience);
    unreachable = false;
    lost = other;
    connections = 0;
    cluster.manager().tell(new Down(other));
    if (comesAfter(other) && seeds.contains(hostPort(other))) tryLater();
  }

  private boolean comesAfter(Address other) {
    return Member.addressOrdering().compare(cluster.selfMember().address(), other) > 0;
  }

  private static String hostPort(Address address) {
    return address.getHost().orElse("") + ":" + address.getPort().orElse(0);
  }

  private void tryLater() {
    Address address = lost;
    CompletableFuture<Boolean> connected = CompletableFuture.supplyAsync(
        () -> connects(address),
        CompletableFuture.delayedExecutor(TRY_EVERY.toMillis(), TimeUnit.MILLISECONDS, blocking));
    getContext().pipeToSelf(connected, (yes, failure) -> new Tried(failure == null && yes));
  }

  private static boolean connects(Address address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost().orElse(""), (int) address.getPort().orElse(0)), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Behavior<Command> onTried(Tried tried) {
    if (lost == null) return this;
    connections = tried.connected ? connections + 1 : 0;
    if (connections < TRIES) {
      tryLater();
      return this;
    }
    getContext().getLog().warn("{} can be reached again; joining it as new", lost);
    CoordinatedShutdown.get(getContext().getSystem()).runAll(CoordinatedShutdown.clusterDowningReason());
    return this;
  }
}
