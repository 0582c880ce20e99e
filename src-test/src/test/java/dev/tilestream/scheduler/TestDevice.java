package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.ModelSignature;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.Profiler;
import dev.tilestream.scheduler.profile.ProfilerSettings;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Links;
import dev.tilestream.tile.TileHost;
import dev.tilestream.tile.TileSettings;
import dev.tilestream.zoo.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A device of an actor system of its own: tiles, links, a scheduler, models that it imports and measures itself. */
final class TestDevice implements Models, AutoCloseable {
  private static final Config CONFIG = ConfigFactory.parseString("""
      akka.actor.provider = remote
      akka.remote.use-unsafe-remote-features-outside-cluster = on
      akka.remote.warn-about-direct-use = off
      akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
      akka.coordinated-shutdown.exit-jvm = off
      tilestream.kernel.threads = 1
      """);

  final String name;
  final GatedKernels kernels;
  final ActorSystem<SpawnProtocol.Command> system;
  final TileHost tiles;
  final ActorRef<SchedulerActor.Command> scheduler;
  /** Where these devices' profiles are taken to be as good as this one's. */
  final Map<String, Peer> peers = new ConcurrentHashMap<>();
  final Map<String, LoadedModel> models = new ConcurrentHashMap<>();
  private final Map<String, Path> files = new ConcurrentHashMap<>();
  private final Map<String, OperatorGraph> graphs = new ConcurrentHashMap<>();
  private final Path cache;
  /** Preparations for all devices wait for it. */
  volatile CompletableFuture<Void> others = CompletableFuture.completedFuture(null);

  TestDevice(String name, Path cache, String... settings) {
    this.name = name;
    this.cache = cache;
    Config config = ConfigFactory.parseString(String.join("\n", settings))
        .withFallback(CONFIG).withFallback(ConfigFactory.load()).resolve();
    kernels = new GatedKernels(Kernels.of(KernelSettings.from(config)));
    CompletableFuture<TileHost> host = new CompletableFuture<>();
    CompletableFuture<ActorRef<SchedulerActor.Command>> actor = new CompletableFuture<>();
    system = ActorSystem.create(Behaviors.setup(context -> {
      TileHost started = TileHost.start(context, name, TileSettings.from(config), kernels, this::graph);
      SourceRuntime source = new SourceRuntime(
          name, incarnation(), started.deployments(), started.joins(), started.ledgers(), started.courier(), started.pool(),
          context.getSystem().dispatchers().lookup(DispatcherSelector.blocking()));
      actor.complete(context.spawn(SchedulerActor.create(source, this, SchedulerSettings.from(config)), "scheduler"));
      host.complete(started);
      return SpawnProtocol.create();
    }), "fleet", config);
    tiles = host.join();
    scheduler = actor.join();
  }

  /** Of this source, as its inferences are called. */
  long incarnation() {
    return name.hashCode() * 1_000_003L;
  }

  /** Makes it known under its name, version 1. */
  LoadedModel load(String model, Path file) {
    ModelSignature signature = ModelSignature.of(file);
    LoadedModel loaded = new LoadedModel(
        model, "1", "sha-of-" + model, ports(signature.inputs()), ports(signature.outputs()),
        Optional.of(Strategy.LOCAL), Optional.empty());
    files.put(loaded.sha256(), file);
    models.put(model, loaded);
    return loaded;
  }

  private static List<ModelStatus.Port> ports(List<ModelSignature.Port> ports) {
    return ports.stream()
        .map(p -> new ModelStatus.Port(p.name(), p.type(), p.dims().stream().map(Integer::longValue).toList()))
        .toList();
  }

  @Override
  public Optional<LoadedModel> find(String model, Optional<String> version) {
    return Optional.ofNullable(models.get(model));
  }

  @Override
  public CompletionStage<Prepared> prepare(LoadedModel model, Map<String, Shape> shapes) {
    return others.thenCompose(now -> prepareAlone(model, shapes)).thenApply(alone -> {
      Map<String, DeviceProfile> profiles = new HashMap<>(alone.profiles());
      peers.keySet().forEach(peer -> profiles.put(peer, alone.profiles().get(name).named(peer)));
      return new Prepared(alone.graph(), profiles);
    });
  }

  @Override
  public CompletionStage<Prepared> prepareAlone(LoadedModel model, Map<String, Shape> shapes) {
    return CompletableFuture.supplyAsync(() -> {
      OperatorGraph graph = OnnxImporter.load(files.get(model.sha256()), shapes, cache);
      graphs.put(graph.hash(), graph);
      ProfilerSettings quick = new ProfilerSettings(Duration.ZERO, 1, 1, 1);
      DeviceProfile profile = new Profiler(kernels, tiles.pool(), quick).profile(name, graph, Power.ROBOT);
      return new Prepared(graph, Map.of(name, profile));
    }, system.dispatchers().lookup(DispatcherSelector.blocking()));
  }

  private CompletionStage<OperatorGraph> graph(String hash) {
    OperatorGraph graph = graphs.get(hash);
    return graph != null
        ? CompletableFuture.completedFuture(graph)
        : CompletableFuture.failedFuture(new IllegalArgumentException("graph: " + hash + " (expected: one that was imported here)"));
  }

  /** Both have the model's graph from now on. */
  void shareGraphs(TestDevice other) {
    other.graphs.putAll(graphs);
  }

  /** Links both and makes {@code other} a peer that this one's scheduler may use. */
  void meet(TestDevice other) {
    connect(other);
    other.connect(this);
    ActorRef<Deployments.Command> there = resolve(other, other.tiles.deployments());
    peer(new Peer(other.name, there, () -> LinkEstimate.ofMegabits(1000, 0.1)));
  }

  void peer(Peer peer) {
    peers.put(peer.name(), peer);
    scheduler.tell(new SchedulerActor.PeersChanged(peers));
  }

  /** {@code other} is no peer any more. */
  void lose(String other) {
    peers.remove(other);
    tiles.links().tell(new Links.Disconnect(other));
    scheduler.tell(new SchedulerActor.PeersChanged(peers));
  }

  private void connect(TestDevice other) {
    tiles.links().tell(new Links.Connect(other.name, resolve(other, other.tiles.inbox())));
    org.awaitility.Awaitility.await().until(() -> tiles.courier().reaches(other.name));
  }

  private <T> ActorRef<T> resolve(TestDevice other, ActorRef<T> ref) {
    return ActorRefResolver.get(system).resolveActorRef(ActorRefResolver.get(other.system).toSerializationFormat(ref));
  }

  /** Asks for an inference of these inputs. */
  CompletableFuture<InferenceAnswer> infer(String model, Map<String, Value> inputs, Strategy strategy, Duration deadline) {
    return infer(model, "", inputs, strategy, deadline);
  }

  CompletableFuture<InferenceAnswer> infer(String model, String stream, Map<String, Value> inputs, Strategy strategy, Duration deadline) {
    return infer(model, stream, inputs, strategy, deadline, Optional.empty(), Optional.empty());
  }

  CompletableFuture<InferenceAnswer> infer(
      String model, Map<String, Value> inputs, Strategy strategy, Duration deadline, Optional<Integer> halo) {
    return infer(model, "", inputs, strategy, deadline, halo, Optional.empty());
  }

  CompletableFuture<InferenceAnswer> infer(String model, Map<String, Value> inputs, Strategy strategy, Duration deadline, Precision precision) {
    return infer(model, "", inputs, strategy, deadline, Optional.empty(), Optional.of(precision));
  }

  private CompletableFuture<InferenceAnswer> infer(
      String model, String stream, Map<String, Value> inputs, Strategy strategy, Duration deadline, Optional<Integer> halo,
      Optional<Precision> precision) {
    Map<String, TensorSlice> slices = new HashMap<>();
    inputs.forEach((input, value) -> slices.put(input, value.slice(tiles.pool(), 0, -1)));
    CompletableFuture<InferenceAnswer> answer = new CompletableFuture<>();
    scheduler.tell(new SchedulerActor.Infer(
        new InferenceRequest(model, Optional.empty(), stream, slices, List.of(), Optional.of(strategy), Optional.of(deadline), false, halo,
            Optional.empty(), precision), answer));
    return answer;
  }

  @Override
  public void close() {
    kernels.letThrough();
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
    kernels.close();
  }
}
