package dev.tilestream.bench.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tile.Inbox;
import dev.tilestream.tile.LinkReport;
import dev.tilestream.tile.Links;
import dev.tilestream.tile.TileHost;
import dev.tilestream.tile.TileSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One end of a measured link, in a process of its own: a member of a cluster of two with the program's configuration. Does what lines on
 * its standard input ask for ({@link LinkOrders}), answers each with a line of JSON, and ends with its standard input.
 */
public final class LinkEnd implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final ActorSystem<SpawnProtocol.Command> system;
  final TileHost host;
  final Delay delay;
  private final Kernels kernels;

  private LinkEnd(String name, Config config) {
    kernels = Kernels.of(KernelSettings.from(config));
    CompletableFuture<TileHost> started = new CompletableFuture<>();
    system = ActorSystem.create(Behaviors.setup(context -> {
      started.complete(TileHost.start(context, name, TileSettings.from(config), kernels, hash -> CompletableFuture.failedFuture(
          new IllegalArgumentException("graph: " + hash + " (expected: none, tensors alone are sent)"))));
      return SpawnProtocol.create();
    }), "fleet", config);
    host = started.join();
    delay = new Delay(config.getDuration("tilestream.link.emulated-delay"));
    spawn("echo", Echo.create(host, delay));
  }

  /** @param arguments its name, and the settings that differ from the program's, as one text */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Config config = ConfigFactory.parseString(arguments[1]).withFallback(ConfigFactory.load()).resolve();
    try (LinkEnd end = new LinkEnd(arguments[0], config)) {
      LinkOrders orders = new LinkOrders(end);
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(orders.obey(line.split(" ")));
        System.out.flush();
      }
    }
    System.exit(0);
  }

  final <T> ActorRef<T> spawn(String name, akka.actor.typed.Behavior<T> behavior) {
    return AskPattern.<SpawnProtocol.Command, ActorRef<T>>ask(
        system, to -> new SpawnProtocol.Spawn<>(behavior, name, Props.empty(), to), PATIENCE, system.scheduler()).toCompletableFuture().join();
  }

  /** {@code host:port} that it is reached at. */
  String address() {
    return Cluster.get(system).selfMember().address().hostPort().replaceFirst(".*@", "");
  }

  /** Becomes a member, through {@code seed}, which may be itself, and makes the way to {@code peer}. */
  void join(String seed, String peer, int members) throws InterruptedException {
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(Join.create(akka.actor.AddressFromURIString.parse("akka://fleet@" + seed)));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (ups(cluster) < members) {
      if (System.nanoTime() - end > 0) throw new IllegalStateException("no cluster of %d through %s".formatted(members, seed));
      TimeUnit.MILLISECONDS.sleep(50);
    }
    if (!peer.equals("-")) host.links().tell(new Links.Connect("peer", this.<Inbox.Command>remote(peer, "parcels")));
  }

  private static long ups(Cluster cluster) {
    long ups = 0;
    for (var member : cluster.state().getMembers()) if (member.status().equals(MemberStatus.up())) ups++;
    return ups;
  }

  <T> ActorRef<T> remote(String address, String actor) {
    return ActorRefResolver.get(system).resolveActorRef("akka://fleet@" + address + "/user/" + actor);
  }

  LinkReport report() {
    return AskPattern.<Links.Command, LinkReport>ask(host.links(), Links.ReportLinks::new, PATIENCE, system.scheduler())
        .toCompletableFuture().join();
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
    delay.close();
    kernels.close();
  }
}
