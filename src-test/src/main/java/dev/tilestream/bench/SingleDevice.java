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
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A device alone: actor system, deployments, lane, joins, all as in a node, without peers and without a scheduler in front. Plans must
 * name it {@link #NAME}.
 */
public final class SingleDevice implements AutoCloseable {
  public static final String NAME = "robot";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Map<String, OperatorGraph> graphs = new ConcurrentHashMap<>();
  private final Config config = ConfigFactory.defaultOverrides().withFallback(ConfigFactory.defaultReference()).resolve();
  private final ActorSystem<Void> system;
  private final BlockingQueue<SourceEvent> events = new LinkedBlockingQueue<>();
  private TileHost host;
  private ActorRef<SourceEvent> source;
  private final AtomicLong inferences = new AtomicLong();
  private long slots;

  /** @param kernels stays the caller's, to be closed afterwards */
  public SingleDevice(Kernels kernels) {
    CompletableFuture<Void> started = new CompletableFuture<>();
    Behavior<Void> guardian = Behaviors.setup(context -> {
      host = TileHost.start(context, NAME, TileSettings.from(config), kernels, hash -> CompletableFuture.completedFuture(graphs.get(hash)));
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

  public BufferPool pool() {
    return host.pool();
  }

  /** Nanoseconds that kernels have run so far. */
  public long kernelNanos() {
    return host.lane().busyNanos();
  }

  /** Returns once its tiles take rows. */
  public Deployed deploy(OperatorGraph graph, Plan plan) throws InterruptedException {
    graphs.put(graph.hash(), graph);
    DeploymentId id = new DeploymentId(++slots, 1);
    host.deployments().tell(new Deployments.Deploy(id, plan, NAME, source));
    expect(SourceEvent.Deployed.class);
    return new Deployed(graph, id, new Feeder(id, plan, Routes.of(graph, plan)));
  }

  private void expect(Class<? extends SourceEvent> expected) throws InterruptedException {
    SourceEvent event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!expected.isInstance(event)) throw new IllegalStateException("deployment: %s (expected: %s)".formatted(event, expected.getSimpleName()));
  }

  /** The live tiles of one plan. */
  public final class Deployed {
    private final DeploymentId id;
    private final Feeder feeder;
    private final List<Tensor> outputs;

    private Deployed(OperatorGraph graph, DeploymentId id, Feeder feeder) {
      this.id = id;
      this.feeder = feeder;
      outputs = graph.outputs().stream().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE).toList();
    }

    /** One inference; the inputs stay the caller's, the outputs become its own. */
    public List<TensorSlice> infer(List<TensorSlice> inputs) {
      return start(inputs).toCompletableFuture().join();
    }

    /** Likewise, without waiting. */
    public CompletionStage<List<TensorSlice>> start(List<TensorSlice> inputs) {
      InferenceId inference = new InferenceId(1, inferences.getAndIncrement());
      CompletionStage<List<TensorSlice>> answer = host.joins().open(inference, outputs, PATIENCE);
      feeder.feed(host.courier(), inference, inputs);
      return answer;
    }

    /** Returns once its actors and kernels are gone. */
    public void undeploy() throws InterruptedException {
      host.deployments().tell(new Deployments.Undeploy(id, source));
      expect(SourceEvent.Undeployed.class);
    }
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
