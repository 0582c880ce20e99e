package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The inferences of one source. Admits (bounded), picks the plan's deployment, feeds it the input, joins the answer. An inference whose
 * deployment fails or is late is fed to the source's own {@code local} deployment as well; the first rows to come count, so that it
 * ends whatever happens to others. Decides in {@link Flights} and {@link Deployer}; this is their mailbox.
 */
public final class SchedulerActor extends AbstractBehavior<SchedulerActor.Command> {
  public sealed interface Command {}

  /** Run this; {@code answer} is completed with the answer or an {@link InferenceFailure}. Takes over the request's memory. */
  public record Infer(InferenceRequest request, CompletableFuture<InferenceAnswer> answer) implements Command {}

  /** These devices may be used from now on, all others not any more. */
  public record PeersChanged(Map<String, Peer> peers) implements Command {
    public PeersChanged {
      peers = Map.copyOf(peers);
    }
  }

  /** Devices may have come, or have loaded models: measure again where they are missing. */
  public record Refresh() implements Command {}

  /** Deploy the model's default strategy and {@code local}, so that the first request finds them. */
  public record WarmUp(LoadedModel model, Map<String, Shape> shapes, CompletableFuture<Void> done) implements Command {}

  /** The model is unloaded: what runs finishes, then its deployments go. */
  public record ModelRemoved(String sha256) implements Command {}

  private record PreparedEvent(ModelInstance.Key key, Models.Prepared prepared, Throwable failure) implements Command {}

  private record PlannedEvent(Slot slot, Plan plan, Routes routes, Throwable failure) implements Command {}

  private record FromDevice(SourceEvent event) implements Command {}

  private record Landed(Flight flight, List<TensorSlice> slices, Throwable failure) implements Command {}

  private record Tick() implements Command {}

  private static final Duration TICK = Duration.ofMillis(50);

  private final SourceRuntime source;
  private final Models models;
  private final Deployer deployer;
  private final Flights flights;
  private final WarmUps warmUps;
  private final Map<ModelInstance.Key, ModelInstance> instances = new HashMap<>();

  private SchedulerActor(
      ActorContext<Command> context, TimerScheduler<Command> timers, SourceRuntime source, Models models, SchedulerSettings settings) {
    super(context);
    this.source = source;
    this.models = models;
    ActorRef<SourceEvent> events = context.messageAdapter(SourceEvent.class, FromDevice::new);
    ActorRef<Command> self = context.getSelf();
    deployer = new Deployer(source, events, settings, new DeploymentListener());
    flights = new Flights(
        source, settings, deployer, new Timelines(deployer, context.getSystem().scheduler()), this::instance,
        (flight, slices, failure) -> self.tell(new Landed(flight, slices, failure)));
    warmUps = new WarmUps(deployer);
    timers.startTimerWithFixedDelay(new Tick(), TICK);
  }

  public static Behavior<Command> create(SourceRuntime source, Models models, SchedulerSettings settings) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new SchedulerActor(context, timers, source, models, settings)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Infer.class, this::onInfer)
        .onMessage(Landed.class, this::onLanded)
        .onMessage(FromDevice.class, this::onDevice)
        .onMessage(Tick.class, this::onTick)
        .onMessage(PreparedEvent.class, this::onPrepared)
        .onMessage(PlannedEvent.class, this::onPlanned)
        .onMessage(PeersChanged.class, this::onPeersChanged)
        .onMessage(Refresh.class, this::onRefresh)
        .onMessage(WarmUp.class, this::onWarmUp)
        .onMessage(ModelRemoved.class, this::onModelRemoved)
        .build();
  }

  private Behavior<Command> onInfer(Infer message) {
    InferenceRequest request = message.request;
    LoadedModel model = models.find(request.model(), request.version()).orElse(null);
    if (model == null) {
      String name = request.model() + request.version().map(v -> " version " + v).orElse("");
      return refuse(message, InferenceFailure.Kind.NOT_FOUND, "model %s: not loaded".formatted(name));
    }
    String fault = InputCheck.firstFault(model, request.inputs(), request.outputs()).orElse(null);
    if (fault != null) return refuse(message, InferenceFailure.Kind.BAD_REQUEST, fault);
    flights.admit(model, request, message.answer);
    return this;
  }

  private Behavior<Command> refuse(Infer message, InferenceFailure.Kind kind, String why) {
    Flights.refuse(message.request, message.answer, new InferenceFailure(kind, why));
    return this;
  }

  private Behavior<Command> onLanded(Landed message) {
    flights.landed(message.flight, message.slices, message.failure);
    return this;
  }

  private Behavior<Command> onDevice(FromDevice message) {
    if (message.event instanceof SourceEvent.Deployed e) deployer.deployed(e);
    else if (message.event instanceof SourceEvent.Refused e) deployer.refused(e);
    else if (message.event instanceof SourceEvent.TileFailed e) flights.tileFailed(e);
    return this;
  }

  private Behavior<Command> onTick(Tick message) {
    long now = System.nanoTime();
    deployer.expire(now);
    flights.tick(now);
    return this;
  }

  private ModelInstance instance(LoadedModel model, Map<String, Shape> shapes) {
    ModelInstance.Key key = new ModelInstance.Key(model.sha256(), shapes);
    ModelInstance instance = instances.computeIfAbsent(key, k -> new ModelInstance(k, model));
    if (instance.prepared == null) prepare(instance);
    return instance;
  }

  private void prepare(ModelInstance instance) {
    if (instance.preparing) return;
    instance.preparing = true;
    getContext().pipeToSelf(
        models.prepare(instance.model, instance.key.shapes()), (prepared, failure) -> new PreparedEvent(instance.key, prepared, failure));
  }

  private Behavior<Command> onPrepared(PreparedEvent message) {
    ModelInstance instance = instances.get(message.key);
    if (instance == null) return this;
    instance.preparing = false;
    if (message.failure != null) return notPrepared(instance, Flights.plain(message.failure));
    boolean otherDevices = instance.prepared != null
        && !instance.prepared.profiles().keySet().equals(message.prepared.profiles().keySet());
    instance.prepared = message.prepared;
    if (otherDevices) replan(instance);
    Flights.drain(instance.waiting).forEach(flights::dispatch);
    warmUps.prepared(instance);
    return this;
  }

  private Behavior<Command> notPrepared(ModelInstance instance, Throwable failure) {
    if (instance.prepared != null) {
      getContext().getLog().warn("model {} keeps its plans: {}", instance.model.name(), failure.getMessage());
      return this;
    }
    String why = "model %s: %s".formatted(instance.model.name(), failure.getMessage());
    InferenceFailure refusal = new InferenceFailure(InferenceFailure.Kind.BAD_REQUEST, why, Duration.ZERO, failure);
    instances.remove(instance.key);
    flights.failAll(instance.waiting, refusal);
    warmUps.failed(instance, refusal);
    return this;
  }

  /** Plans made for other devices go; new requests get new ones. */
  private void replan(ModelInstance instance) {
    for (Slot slot : List.copyOf(instance.slots.values()))
      if (slot.strategy != Strategy.LOCAL && slot.state == Slot.State.LIVE) deployer.replace(slot);
  }

  private Behavior<Command> onPlanned(PlannedEvent message) {
    deployer.planned(message.slot, message.plan, message.routes, message.failure == null ? null : Flights.plain(message.failure));
    return this;
  }

  private Behavior<Command> onPeersChanged(PeersChanged message) {
    flights.broken(deployer.peersChanged(message.peers));
    return onRefresh(new Refresh());
  }

  private Behavior<Command> onRefresh(Refresh message) {
    for (ModelInstance instance : instances.values()) if (instance.prepared != null) prepare(instance);
    return this;
  }

  private Behavior<Command> onWarmUp(WarmUp message) {
    warmUps.add(instance(message.model, message.shapes), message.done);
    return this;
  }

  private Behavior<Command> onModelRemoved(ModelRemoved message) {
    InferenceFailure gone = new InferenceFailure(InferenceFailure.Kind.NOT_FOUND, "the model was unloaded");
    for (ModelInstance instance : List.copyOf(instances.values())) {
      if (!instance.key.sha256().equals(message.sha256)) continue;
      instances.remove(instance.key);
      flights.failAll(instance.waiting, gone);
      warmUps.failed(instance, gone);
      for (Slot slot : List.copyOf(instance.slots.values())) {
        flights.failAll(slot.waiting, gone);
        deployer.retire(slot);
      }
    }
    return this;
  }

  private final class DeploymentListener implements Deployer.Listener {
    @Override
    public void plan(Slot slot, Fleet fleet) {
      getContext().pipeToSelf(
          CompletableFuture.supplyAsync(() -> planned(slot, fleet), source.background()),
          (planned, failure) -> failure == null ? planned : new PlannedEvent(slot, null, null, failure));
    }

    private PlannedEvent planned(Slot slot, Fleet fleet) {
      Plan plan = Deployer.plan(slot.instance, slot.strategy, fleet);
      return new PlannedEvent(slot, plan, Routes.of(slot.instance.prepared.graph(), plan), null);
    }

    @Override
    public void live(Slot slot) {
      flights.slotLive(slot);
      warmUps.check();
    }

    @Override
    public void failed(Slot slot, InferenceFailure why) {
      flights.slotFailed(slot, why);
      warmUps.check();
    }
  }
}
