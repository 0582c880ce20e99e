package dev.tilestream.bench;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Feeder;
import dev.tilestream.tile.SourceEvent;
import dev.tilestream.tile.TileHost;
import dev.tilestream.tile.TileSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A device alone: actor system, deployments, lane, joins, all as in a node, without peers and without a scheduler in front. */
final class SingleDevice implements AutoCloseable {
  static final String NAME = "robot";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final OperatorGraph graph;
  private final Config config = ConfigFactory.defaultOverrides().withFallback(ConfigFactory.defaultReference()).resolve();
  private final ActorSystem<Void> system;
  private final BlockingQueue<SourceEvent> events = new LinkedBlockingQueue<>();
  private TileHost host;
  private ActorRef<SourceEvent> source;
  private long slots;
  private long inferences;

  SingleDevice(OperatorGraph graph, Kernels kernels) {
    this.graph = graph;
    CompletableFuture<Void> started = new CompletableFuture<>();
    Behavior<Void> guardian = Behaviors.setup(context -> {
      host = TileHost.start(context, NAME, TileSettings.from(config), kernels, hash -> CompletableFuture.completedFuture(graph));
      source = context.spawn(Behaviors.receive(SourceEvent.class).onAnyMessage(this::told).build(), "source");
      started.complete(null);
      return Behaviors.empty();
    });
    system = ActorSystem.create(guardian, "bench", config);
    started.join();
  }

  private Behavior<SourceEvent> told(SourceEvent event) {
    events.add(event);
    return Behaviors.same();
  }

  BufferPool pool() {
    return host.pool();
  }

  /** Nanoseconds that kernels have run so far. */
  long kernelNanos() {
    return host.lane().busyNanos();
  }

  /** A plan, deployed; not undeployed before the device closes. */
  Deployed deploy(Plan plan) throws InterruptedException {
    DeploymentId id = new DeploymentId(++slots, 1);
    host.deployments().tell(new Deployments.Deploy(id, plan, NAME, source));
    SourceEvent event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!(event instanceof SourceEvent.Deployed)) throw new IllegalStateException("deployment: %s (expected: Deployed)".formatted(event));
    return new Deployed(new Feeder(id, plan, Routes.of(graph, plan)));
  }

  final class Deployed {
    private final Feeder feeder;
    private final List<Tensor> outputs = graph.outputs().stream().map(graph::tensor).toList();

    private Deployed(Feeder feeder) {
      this.feeder = feeder;
    }

    /** One inference; the inputs stay the caller's, the outputs become its own. */
    List<TensorSlice> infer(List<TensorSlice> inputs) {
      InferenceId id = new InferenceId(1, inferences++);
      CompletableFuture<List<TensorSlice>> answer = host.joins().open(id, outputs, PATIENCE).toCompletableFuture();
      feeder.feed(host.courier(), id, inputs);
      return answer.join();
    }
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
