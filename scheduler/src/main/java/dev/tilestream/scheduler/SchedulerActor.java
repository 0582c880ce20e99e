package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.japi.function.Function;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

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

  /**
   * What is known of a device's speed for a graph is now {@code profile}: measured at last where it was guessed, or corrected by what tiles
   * really took.
   *
   * @param change against what was known before, as {@link DeviceProfile#change} has it
   */
  public record ProfileChanged(DeviceProfile profile, double change) implements Command {}

  /** The model is unloaded: what runs finishes, then its deployments go. */
  public record ModelRemoved(String sha256) implements Command {}

  private record PreparedEvent(ModelInstance instance, boolean alone, Models.Prepared prepared, Throwable failure) implements Command {}

  private record PlannedEvent(Slot slot, Plan plan, Routes routes, Throwable failure) implements Command {}

  private record FromDevice(SourceEvent event) implements Command {}

  private record Landed(Flight flight, List<TensorSlice> slices, Throwable failure) implements Command {}

  private record Tick() implements Command {}

  private static final Duration TICK = Duration.ofMillis(50);
  /** A change of a device's profile for which plans are made anew. */
  private static final double WORTH_REPLANNING = 0.1;

  private final SourceRuntime source;
  private final Models models;
  private final Deployer deployer;
  private final Flights flights;
  private final WarmUps warmUps;
  private final Instances instances;

  private SchedulerActor(
      ActorContext<Command> context, TimerScheduler<Command> timers, SourceRuntime source, Models models, SchedulerSettings settings) {
    super(context);
    this.source = source;
    this.models = models;
    instances = new Instances(settings.maxInstances());
    ActorRef<SourceEvent> events = context.messageAdapter(SourceEvent.class, FromDevice::new);
    deployer = new Deployer(source, events, settings, new DeploymentListener());
    flights = new Flights(source, settings, deployer, new Timelines(context.getSystem().scheduler()), new FlightTower(context.getSelf()));
    warmUps = new WarmUps(deployer);
    timers.startTimerWithFixedDelay(new Tick(), TICK);
  }

  public static Behavior<Command> create(SourceRuntime source, Models models, SchedulerSettings settings) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new SchedulerActor(context, timers, source, models, settings)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Infer.class, guarded(this::onInfer))
        .onMessage(Landed.class, guarded(m -> flights.landed(m.flight, m.slices, m.failure)))
        .onMessage(FromDevice.class, guarded(this::onDevice))
        .onMessage(Tick.class, guarded(this::onTick))
        .onMessage(PreparedEvent.class, guarded(this::onPrepared))
        .onMessage(PlannedEvent.class, guarded(this::onPlanned))
        .onMessage(PeersChanged.class, guarded(this::onPeersChanged))
        .onMessage(Refresh.class, guarded(m -> refresh()))
        .onMessage(WarmUp.class, guarded(this::onWarmUp))
        .onMessage(ModelRemoved.class, guarded(this::onModelRemoved))
        .onMessage(ProfileChanged.class, guarded(this::onProfileChanged))
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  /** A bug costs the inferences under way, not the source: what was admitted is answered, and the next ones are served. */
  private <M> Function<M, Behavior<Command>> guarded(Consumer<M> handler) {
    return message -> {
      try {
        handler.accept(message);
      } catch (RuntimeException e) {
        getContext().getLog().error("at {}: every inference under way fails", message.getClass().getSimpleName(), e);
        InferenceFailure broken = new InferenceFailure(InferenceFailure.Kind.BROKEN, "scheduler: " + e, Duration.ZERO, e);
        flights.abandon(broken);
        warmUps.abandon(broken);
      }
      return this;
    };
  }

  private Behavior<Command> onStop() {
    InferenceFailure stopped = new InferenceFailure(InferenceFailure.Kind.BUSY, "this node stops");
    flights.abandon(stopped);
    warmUps.abandon(stopped);
    return this;
  }

  private void onInfer(Infer message) {
    InferenceRequest request = message.request;
    LoadedModel model = models.find(request.model(), request.version()).orElse(null);
    if (model == null) {
      String name = request.model() + request.version().map(v -> " version " + v).orElse("");
      refuse(message, InferenceFailure.Kind.NOT_FOUND, "model %s: not loaded".formatted(name));
      return;
    }
    String fault = InputCheck.firstFault(model, request.inputs(), request.outputs()).orElse(null);
    if (fault == null) flights.admit(model, request, message.answer);
    else refuse(message, InferenceFailure.Kind.BAD_REQUEST, fault);
  }

  private static void refuse(Infer message, InferenceFailure.Kind kind, String why) {
    Flights.refuse(message.request, message.answer, new InferenceFailure(kind, why));
  }

  private void onDevice(FromDevice message) {
    if (message.event instanceof SourceEvent.Deployed e) deployer.deployed(e);
    else if (message.event instanceof SourceEvent.Refused e) deployer.refused(e);
    else if (message.event instanceof SourceEvent.Undeployed e) deployer.undeployed(e);
    else if (message.event instanceof SourceEvent.TileFailed e) flights.tileFailed(e);
  }

  private void onTick(Tick message) {
    long now = System.nanoTime();
    deployer.tick(now);
    flights.tick(now);
    instances.surplus().forEach(this::retire);
    for (ModelInstance instance : instances.all())
      if (instance.retryAtNanos != 0 && now - instance.retryAtNanos > 0) prepare(instance);
  }

  private ModelInstance instance(LoadedModel model, Map<String, Shape> shapes) {
    ModelInstance instance = instances.use(model, shapes);
    if (instance.prepared == null && !instance.preparing) prepare(instance);
    return instance;
  }

  private void prepare(ModelInstance instance) {
    if (instance.preparing) {
      instance.prepareAgain = true;
      return;
    }
    instance.preparing = true;
    instance.prepareAgain = false;
    instance.retryAtNanos = 0;
    getContext().pipeToSelf(
        models.prepare(instance.model, instance.key.shapes()),
        (prepared, failure) -> new PreparedEvent(instance, false, prepared, failure));
  }

  private void onPrepared(PreparedEvent message) {
    ModelInstance instance = message.instance;
    if (message.alone) instance.preparingAlone = false;
    else instance.preparing = false;
    if (instance.removed || message.alone && instance.prepared != null) return;
    if (message.failure != null) {
      notPrepared(instance, Flight.plain(message.failure));
      return;
    }
    boolean otherDevices = instance.prepared != null
        && !instance.prepared.profiles().keySet().equals(message.prepared.profiles().keySet());
    instance.prepared = message.prepared;
    if (otherDevices) replan(instance);
    Flight.drain(instance.waiting).forEach(flights::dispatch);
    if (message.alone) return;
    warmUps.prepared(instance);
    if (instance.prepareAgain) prepare(instance);
  }

  private void notPrepared(ModelInstance instance, Throwable failure) {
    if (instance.prepared != null) {
      getContext().getLog().warn("model {} keeps its plans: {}", instance.model.name(), failure.getMessage());
      return;
    }
    String why = "model %s: %s".formatted(instance.model.name(), failure.getMessage());
    InferenceFailure.Kind kind =
        failure instanceof ModelRefused ? InferenceFailure.Kind.BAD_REQUEST : InferenceFailure.Kind.BROKEN;
    InferenceFailure refusal = new InferenceFailure(kind, why, Duration.ZERO, failure);
    instances.remove(instance);
    flights.failAll(instance.waiting, refusal);
    warmUps.failed(instance, refusal);
  }

  /** Plans made for other devices go; new requests get new ones. */
  private void replan(ModelInstance instance) {
    for (Slot slot : List.copyOf(instance.slots.values()))
      if (slot.strategy != Strategy.LOCAL && slot.state == Slot.State.LIVE) deployer.replace(slot);
  }

  private void onPlanned(PlannedEvent message) {
    deployer.planned(message.slot, message.plan, message.routes, message.failure == null ? null : Flight.plain(message.failure));
  }

  private void onPeersChanged(PeersChanged message) {
    deployer.peersChanged(message.peers);
    refresh();
  }

  private void refresh() {
    for (ModelInstance instance : instances.all()) prepare(instance);
  }

  private void onWarmUp(WarmUp message) {
    Strategy strategy = message.model.defaultStrategy().orElse(Strategy.HYBRID);
    warmUps.add(instance(message.model, message.shapes), strategy, message.done);
  }

  private void onProfileChanged(ProfileChanged message) {
    DeviceProfile profile = message.profile;
    for (ModelInstance instance : instances.all()) {
      if (instance.prepared == null || !instance.prepared.graph().hash().equals(profile.graphHash())) continue;
      if (!instance.prepared.profiles().containsKey(profile.device())) continue;
      instance.prepared = instance.prepared.with(profile);
      if (message.change >= WORTH_REPLANNING) replan(instance);
    }
  }

  private void onModelRemoved(ModelRemoved message) {
    InferenceFailure gone = new InferenceFailure(InferenceFailure.Kind.NOT_FOUND, "the model was unloaded");
    flights.failQueued(flight -> flight.model.sha256().equals(message.sha256), gone);
    for (ModelInstance instance : instances.remove(message.sha256)) {
      flights.failAll(instance.waiting, gone);
      warmUps.failed(instance, gone);
      for (Slot slot : List.copyOf(instance.slots.values())) flights.failAll(slot.waiting, gone);
      retire(instance);
    }
  }

  private void retire(ModelInstance instance) {
    List.copyOf(instance.slots.values()).forEach(deployer::retire);
  }

  private final class FlightTower implements Flights.Tower {
    private final ActorRef<Command> self;

    FlightTower(ActorRef<Command> self) {
      this.self = self;
    }

    @Override
    public ModelInstance instance(LoadedModel model, Map<String, Shape> shapes) {
      return SchedulerActor.this.instance(model, shapes);
    }

    @Override
    public void prepareAlone(ModelInstance instance) {
      if (instance.preparingAlone) return;
      instance.preparingAlone = true;
      getContext().pipeToSelf(
          models.prepareAlone(instance.model, instance.key.shapes()),
          (prepared, failure) -> new PreparedEvent(instance, true, prepared, failure));
    }

    @Override
    public void landed(Flight flight, List<TensorSlice> slices, Throwable failure) {
      self.tell(new Landed(flight, slices, failure));
    }
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

    @Override
    public void lost(Slot slot, InferenceFailure why) {
      flights.slotLost(slot, why);
      warmUps.check();
    }
  }
}
