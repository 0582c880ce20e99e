package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A device in this JVM: an actor system of its own with a {@link TileHost}, reachable over real TCP if asked for. */
final class Device implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  final String name;
  final ActorSystem<SpawnProtocol.Command> system;
  final TileHost host;
  final BoxKernels kernels = new BoxKernels();
  final Map<String, OperatorGraph> graphs = new ConcurrentHashMap<>();
  final BlockingQueue<SourceEvent> events = new LinkedBlockingQueue<>();
  final ActorRef<SourceEvent> source;

  private Device(String name, Config config, TileSettings settings) {
    this.name = name;
    CompletableFuture<TileHost> started = new CompletableFuture<>();
    system = ActorSystem.create(Behaviors.setup(context -> {
      started.complete(TileHost.start(context, name, settings, kernels, this::graph));
      return SpawnProtocol.create();
    }), "fleet", config);
    host = started.join();
    source = spawn("source");
  }

  /** Alone, without any transport. */
  static Device alone(String name) {
    Config config = ConfigFactory.load();
    return new Device(name, config, TileSettings.from(config));
  }

  static Device alone(String name, TileSettings settings) {
    return new Device(name, ConfigFactory.load(), settings);
  }

  /** With Artery TCP on a free port. */
  static Device remote(String name, TileSettings settings, String... more) {
    Config own = ConfigFactory.parseString(String.join("\n", more)).withFallback(ConfigFactory.parseResources("remote.conf"));
    return new Device(name, own.withFallback(ConfigFactory.load()).resolve(), settings);
  }

  static TileSettings settings() {
    return TileSettings.from(ConfigFactory.load());
  }

  /** Where its transport listens. */
  int port() {
    return (int) ((akka.actor.ExtendedActorSystem) akka.actor.typed.javadsl.Adapter.toClassic(system)).provider().getDefaultAddress().getPort().orElseThrow();
  }

  private CompletionStage<OperatorGraph> graph(String hash) {
    OperatorGraph graph = graphs.get(hash);
    return graph != null
        ? CompletableFuture.completedFuture(graph)
        : CompletableFuture.failedFuture(new IllegalArgumentException("graph: " + hash + " (expected: one of " + graphs.keySet() + ")"));
  }

  /** An actor that puts what it is told into {@link #events}. */
  ActorRef<SourceEvent> spawn(String actor) {
    var behavior = Behaviors.receive(SourceEvent.class).onAnyMessage(event -> {
      events.add(event);
      return Behaviors.same();
    }).build();
    CompletionStage<ActorRef<SourceEvent>> ref =
        AskPattern.ask(system, to -> new SpawnProtocol.Spawn<>(behavior, actor, Props.empty(), to), PATIENCE, system.scheduler());
    return ref.toCompletableFuture().join();
  }

  /** A reference to an actor of this device as {@code other} sees it. */
  <T> ActorRef<T> seenFrom(Device other, ActorRef<T> ref) {
    return ActorRefResolver.get(other.system).resolveActorRef(ActorRefResolver.get(system).toSerializationFormat(ref));
  }

  /** Makes a way from here to there. */
  void connect(Device other) {
    host.links().tell(new Links.Connect(other.name, other.seenFrom(this, other.host.inbox())));
    org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> host.courier().reaches(other.name));
  }

  SourceEvent event() throws InterruptedException {
    SourceEvent event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (event == null) throw new AssertionError(name + ": nothing was told to the source within " + PATIENCE);
    return event;
  }

  /** Deploys on these devices, this one being the source, and waits for all. */
  void deploy(DeploymentId id, Plan plan, Device... devices) throws InterruptedException {
    for (Device d : devices) d.seenFrom(this, d.host.deployments()).tell(new Deployments.Deploy(id, plan, d.name, source));
    for (Device d : devices) org.assertj.core.api.Assertions.assertThat(event()).isInstanceOf(SourceEvent.Deployed.class);
  }

  void undeploy(DeploymentId id, Device... devices) throws InterruptedException {
    for (Device d : devices) d.seenFrom(this, d.host.deployments()).tell(new Deployments.Undeploy(id, source));
    for (Device d : devices) org.assertj.core.api.Assertions.assertThat(event()).isInstanceOf(SourceEvent.Undeployed.class);
  }

  /** One inference from here: the only output's values. */
  CompletionStage<float[]> infer(OperatorGraph graph, Plan plan, DeploymentId id, InferenceId inference, float[] input) {
    CompletionStage<List<TensorSlice>> answer =
        host.joins().open(inference, graph.outputs().stream().map(graph::tensor).toList(), PATIENCE);
    TensorSlice slice = BoxKernels.input(graph.tensor(0), input, host.pool());
    new Feeder(id, plan, Routes.of(graph, plan)).feed(host.courier(), inference, List.of(slice));
    slice.release();
    return answer.thenApply(slices -> {
      float[] values = BoxKernels.values(slices.get(0));
      slices.forEach(TensorSlice::release);
      return values;
    });
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
