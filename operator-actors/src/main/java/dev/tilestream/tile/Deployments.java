package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.wire.ControlMessage;
import dev.tilestream.tensor.wire.MemoryCarrier;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Makes tile actors of plans on one device, and takes them away. A generation not above the highest one known of its slot is refused; a
 * newer one runs beside the older until that is undeployed. When a source goes, so do its deployments; it is told, since it may only have been
 * taken for gone, as one that starts anew at an address where another just went.
 *
 * <p>A source deploys on every device of the plan, itself included even when it computes nothing: failures find it that way.
 */
public final class Deployments extends AbstractBehavior<Deployments.Command> {
  /** What this actor understands; those that implement {@link ControlMessage} may come from other nodes. */
  public sealed interface Command
      permits Deploy, StandBy, Undeploy, Expire, ReportTimings, Undeliverable, Built, NotBuilt, Freed, SourceGone, TileDied, Sweep {}

  /**
   * Spawns this device's tiles of {@code plan}; answered by {@link SourceEvent.Deployed} or {@link SourceEvent.Refused}. May be said again
   * until it is: the answer may be lost, too.
   *
   * @param device who is meant, as named in the plan
   * @param source whom to tell, now and about failures; when it dies the deployment ends
   */
  public record Deploy(DeploymentId id, Plan plan, String device, ActorRef<SourceEvent> source) implements Command, ControlMessage {}

  /**
   * Has this device stand by for the tiles of a deployment's other devices, which {@link Ledger#takeOver} then wakes: their kernels are made
   * in the background. Answered by {@link SourceEvent.StandsBy}, if at all. For the deployment's source.
   */
  public record StandBy(DeploymentId id) implements Command {}

  /** Stops them and frees what they held; answered by {@link SourceEvent.Undeployed} when that is done. */
  public record Undeploy(DeploymentId id, ActorRef<SourceEvent> replyTo) implements Command, ControlMessage {}

  /** Drops what the tiles of a deployment hold of an inference, and what waits for the links. */
  public record Expire(DeploymentId deployment, InferenceId inference) implements Command, ControlMessage {}

  /** Asks which tiles ran for an inference. */
  public record ReportTimings(InferenceId inference, ActorRef<Timings> replyTo) implements Command, ControlMessage {}

  /** @param nowNanos the device's clock when it answered, to set the timings against one's own */
  public record Timings(String device, long nowNanos, List<TileTiming> runs) implements ControlMessage {
    public Timings {
      runs = List.copyOf(runs);
    }
  }

  /** A link dropped rows, or its peer did not want them. */
  record Undeliverable(DeploymentId deployment, InferenceId inference, int tile, String device, SourceEvent.Cause cause, String reason)
      implements Command {}

  /** @param standby whether these are other devices' tiles */
  private record Built(Deploy deploy, boolean standby, List<TileTask> tasks) implements Command, MemoryCarrier {
    @Override
    public void lost() {
      tasks.forEach(task -> task.kernel().release());
    }
  }

  private record NotBuilt(Deploy deploy, boolean standby, Throwable failure) implements Command {}

  private record Freed(LiveDeployment deployment, Throwable failure) implements Command {}

  private record SourceGone(ActorRef<SourceEvent> source) implements Command {}

  private record TileDied(DeploymentId deployment, int tile) implements Command {}

  private enum Sweep implements Command {
    TICK
  }

  private static final int SLOTS_REMEMBERED = 4096;

  private final TileHost host;
  private final Function<String, CompletionStage<OperatorGraph>> graphs;
  private final Executor blocking;
  private final Map<DeploymentId, LiveDeployment> live = new HashMap<>();
  private final Map<Long, Integer> highest =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
          return size() > SLOTS_REMEMBERED;
        }
      };

  private Deployments(
      ActorContext<Command> context, TimerScheduler<Command> timers, TileHost host, Function<String, CompletionStage<OperatorGraph>> graphs) {
    super(context);
    this.host = host;
    this.graphs = graphs;
    blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    Duration retention = host.settings().retention();
    timers.startTimerWithFixedDelay(Sweep.TICK, retention.dividedBy(4).plusMillis(1));
  }

  static Behavior<Command> create(TileHost host, Function<String, CompletionStage<OperatorGraph>> graphs) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Deployments(context, timers, host, graphs)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Deploy.class, this::onDeploy)
        .onMessage(StandBy.class, this::onStandBy)
        .onMessage(Undeploy.class, this::onUndeploy)
        .onMessage(Expire.class, this::onExpire)
        .onMessage(ReportTimings.class, this::onReportTimings)
        .onMessage(Undeliverable.class, this::onUndeliverable)
        .onMessage(Built.class, this::onBuilt)
        .onMessage(NotBuilt.class, this::onNotBuilt)
        .onMessage(Freed.class, this::onFreed)
        .onMessage(SourceGone.class, this::onSourceGone)
        .onMessage(TileDied.class, this::onTileDied)
        .onMessage(Sweep.class, this::onSweep)
        .build();
  }

  private Behavior<Command> onDeploy(Deploy deploy) {
    DeploymentId id = deploy.id();
    LiveDeployment there = live.get(id);
    if (there != null && there.answers(deploy)) {
      if (there.deployed()) tellDeployed(there);
      return this;
    }
    Integer known = highest.get(id.slot());
    if (!deploy.device().equals(host.device())) return refuse(deploy, "device: %s (expected: %s)".formatted(deploy.device(), host.device()));
    if (known != null && id.generation() <= known)
      return refuse(deploy, "generation: %d of slot %x (expected: above %d)".formatted(id.generation(), id.slot(), known));
    highest.put(id.slot(), id.generation());
    live.put(id, new LiveDeployment(deploy));
    getContext().watchWith(deploy.source(), new SourceGone(deploy.source()));
    build(deploy, false);
    return this;
  }

  private void build(Deploy deploy, boolean standby) {
    CompletionStage<List<TileTask>> built =
        graphs.apply(deploy.plan().graphHash()).thenApplyAsync(graph -> TileTasks.build(host, graph, deploy, standby), blocking);
    ActorRef<Command> self = getContext().getSelf();
    // Not piped: what is piped becomes a Built only here, and its kernels would stay open when this actor has stopped meanwhile.
    built.whenComplete(
        (tasks, failure) -> self.tell(failure == null ? new Built(deploy, standby, tasks) : new NotBuilt(deploy, standby, failure)));
  }

  private Behavior<Command> onStandBy(StandBy ask) {
    LiveDeployment deployment = live.get(ask.id());
    if (deployment != null && deployment.beginStandingBy()) build(deployment.deploy(), true);
    return this;
  }

  private Behavior<Command> refuse(Deploy deploy, String reason) {
    getContext().getLog().warn("deployment {} refused: {}", deploy.id(), reason);
    deploy.source().tell(new SourceEvent.Refused(deploy.id(), host.device(), reason));
    return this;
  }

  private Behavior<Command> onBuilt(Built built) {
    LiveDeployment deployment = live.get(built.deploy().id());
    Map<Integer, ActorRef<TileActor.Command>> actors = deployment.ending() ? Map.of() : spawn(deployment, built.tasks());
    deployment.started(built.tasks(), actors);
    if (deployment.ending()) {
      built.lost();
      return free(deployment);
    }
    if (built.standby()) {
      host.tiles().standBy(deployment.id(), built.tasks(), actors);
      deployment.source().tell(new SourceEvent.StandsBy(deployment.id(), host.device()));
      getContext().getLog().debug("deployment {}: {} tiles of others stand by here", deployment.id(), actors.size());
      return this;
    }
    host.tiles().open(deployment.id(), built.tasks(), actors);
    tellDeployed(deployment);
    getContext().getLog().info("deployment {} ({}): {} tiles here", deployment.id(), built.deploy().plan().strategy().word(), actors.size());
    return this;
  }

  private void tellDeployed(LiveDeployment deployment) {
    deployment.source().tell(new SourceEvent.Deployed(deployment.id(), host.device()));
  }

  private Map<Integer, ActorRef<TileActor.Command>> spawn(LiveDeployment deployment, List<TileTask> tasks) {
    Map<Integer, ActorRef<TileActor.Command>> actors = new HashMap<>();
    for (TileTask task : tasks) {
      int tile = task.tile().id();
      ActorRef<TileActor.Command> actor =
          getContext().spawnAnonymous(TileActor.create(task, host), DispatcherSelector.fromConfig(TileDispatcher.ID));
      getContext().watchWith(actor, new TileDied(deployment.id(), tile));
      actors.put(tile, actor);
    }
    return actors;
  }

  private Behavior<Command> onNotBuilt(NotBuilt notBuilt) {
    Throwable cause = notBuilt.failure();
    while (cause.getCause() != null && cause instanceof CompletionException) cause = cause.getCause();
    LiveDeployment deployment = live.get(notBuilt.deploy().id());
    deployment.notBuilt();
    if (notBuilt.standby()) {
      getContext().getLog().warn("deployment {}: nothing stands by for its other devices", deployment.id(), cause);
      return deployment.ending() ? free(deployment) : this;
    }
    if (!(cause instanceof IllegalArgumentException)) getContext().getLog().error("deployment {} not built", deployment.id(), cause);
    refuse(notBuilt.deploy(), cause.getMessage() == null ? cause.toString() : cause.getMessage());
    return free(deployment);
  }

  private Behavior<Command> onUndeploy(Undeploy undeploy) {
    LiveDeployment deployment = live.get(undeploy.id());
    if (deployment == null) {
      undeploy.replyTo().tell(new SourceEvent.Undeployed(undeploy.id(), host.device()));
      return this;
    }
    deployment.tellWhenFree(undeploy.replyTo());
    return end(deployment);
  }

  private Behavior<Command> end(LiveDeployment deployment) {
    if (!deployment.end()) return this;
    host.tiles().close(deployment.id());
    deployment.tellAll(new TileActor.Stop());
    return deployment.building() ? this : free(deployment);
  }

  /** Waits for the kernels to close; the actors may stop later, they hold nothing then but what their mailboxes do. */
  private Behavior<Command> free(LiveDeployment deployment) {
    deployment.end();
    getContext().pipeToSelf(TileTasks.closed(deployment.tasks()), (done, failure) -> new Freed(deployment, failure));
    return this;
  }

  private Behavior<Command> onFreed(Freed freed) {
    LiveDeployment deployment = freed.deployment();
    if (freed.failure() != null) getContext().getLog().error("deployment {}: a kernel did not close", deployment.id(), freed.failure());
    live.remove(deployment.id());
    if (live.values().stream().noneMatch(d -> d.source().equals(deployment.source()))) getContext().unwatch(deployment.source());
    deployment.waiting().forEach(ref -> ref.tell(new SourceEvent.Undeployed(deployment.id(), host.device())));
    getContext().getLog().info("deployment {}: gone", deployment.id());
    return this;
  }

  private Behavior<Command> onExpire(Expire expire) {
    LiveDeployment deployment = live.get(expire.deployment());
    if (deployment != null) deployment.tellAll(new TileActor.Expire(expire.inference()));
    host.links().tell(new Links.Drop(expire.inference()));
    return this;
  }

  private Behavior<Command> onReportTimings(ReportTimings ask) {
    ask.replyTo().tell(new Timings(host.device(), System.nanoTime(), host.timings().of(ask.inference())));
    return this;
  }

  private Behavior<Command> onUndeliverable(Undeliverable lost) {
    LiveDeployment deployment = live.get(lost.deployment());
    if (deployment == null)
      getContext().getLog().debug(
          "rows of {} for tile {} of inference {} lost: {}", lost.deployment(), lost.tile(), lost.inference(), lost.reason());
    else
      deployment.source()
          .tell(new SourceEvent.TileFailed(lost.deployment(), lost.inference(), lost.tile(), lost.device(), lost.cause(), lost.reason()));
    return this;
  }

  private Behavior<Command> onSourceGone(SourceGone gone) {
    List.copyOf(live.values()).stream().filter(d -> d.source().equals(gone.source())).forEach(deployment -> {
      getContext().getLog().info("deployment {}: its source is gone", deployment.id());
      deployment.tellWhenFree(deployment.source());
      end(deployment);
    });
    return this;
  }

  private Behavior<Command> onTileDied(TileDied died) {
    LiveDeployment deployment = live.get(died.deployment());
    if (deployment == null || deployment.ending()) return this;
    String reason = "tile %d died, see the log".formatted(died.tile());
    deployment.source().tell(new SourceEvent.Refused(died.deployment(), host.device(), reason));
    return end(deployment);
  }

  private Behavior<Command> onSweep(Sweep tick) {
    TileActor.Sweep sweep = new TileActor.Sweep(System.nanoTime() - host.settings().retention().toNanos());
    live.values().forEach(deployment -> deployment.tellAll(sweep));
    return this;
  }
}
