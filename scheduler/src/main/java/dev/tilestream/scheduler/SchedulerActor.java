package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * The inferences of one source. Admits (bounded), picks the plan's deployment, feeds it the input, joins the answer. An inference whose
 * deployment fails or is late is fed to the source's own {@code local} deployment as well; the first rows to come count, so that it
 * ends whatever happens to others.
 */
public final class SchedulerActor extends AbstractBehavior<SchedulerActor.Command> {
  public sealed interface Command {}

  /** Run this; {@code answer} is completed with the answer or an {@link InferenceFailure}. Takes over the request's memory. */
  public record Infer(InferenceRequest request, CompletableFuture<InferenceAnswer> answer) implements Command {}

  /** These devices may be used from now on, all others not any more. */
  public record PeersChanged(Map<String, Peer> peers) implements Command {}

  /** Devices may have come, or have loaded models: measure again where they are missing. */
  public record Refresh() implements Command {}

  /** Deploy the model's default strategy and {@code local}, so that the first request finds them. */
  public record WarmUp(LoadedModel model, Map<String, dev.tilestream.tensor.Shape> shapes, CompletableFuture<Void> done) implements Command {}

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
  private final SchedulerSettings settings;
  private final Deployer deployer;
  private final Map<ModelInstance.Key, ModelInstance> instances = new HashMap<>();
  private final Map<InferenceId, Flight> flights = new HashMap<>();
  private final Deque<Flight> queue = new ArrayDeque<>();
  private final List<WarmUpWait> warmUps = new ArrayList<>();
  private long sequence;

  private record WarmUpWait(ModelInstance instance, List<Slot> slots, CompletableFuture<Void> done) {}

  private SchedulerActor(ActorContext<Command> context, TimerScheduler<Command> timers, SourceRuntime source, Models models, SchedulerSettings settings) {
    super(context);
    this.source = source;
    this.models = models;
    this.settings = settings;
    ActorRef<SourceEvent> events = context.messageAdapter(SourceEvent.class, FromDevice::new);
    deployer = new Deployer(source.device(), source.incarnation(), source.deployments(), events, settings, new DeploymentListener());
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
      refuse(message, InferenceFailure.Kind.NOT_FOUND, "model %s%s: not loaded".formatted(request.model(), request.version().map(v -> " version " + v).orElse("")));
      return this;
    }
    String fault = InputCheck.firstFault(model, request.inputs(), request.outputs()).orElse(null);
    if (fault != null) {
      refuse(message, InferenceFailure.Kind.BAD_REQUEST, fault);
      return this;
    }
    long now = System.nanoTime();
    Duration life = request.deadline().or(model::deadline).orElse(settings.defaultDeadline());
    Strategy strategy = request.strategy().or(model::defaultStrategy).orElse(Strategy.HYBRID);
    Flight flight = new Flight(
        request, model, strategy, message.answer, new InferenceId(source.incarnation(), ++sequence), now, now + life.toNanos());
    if (flights.size() < settings.maxInFlight()) begin(flight);
    else if (queue.size() < settings.maxQueued()) queue.add(flight);
    else refuse(message, InferenceFailure.Kind.BUSY, "%d inferences wait (expected: at most %d)".formatted(queue.size() + 1, settings.maxQueued()));
    return this;
  }

  private static void refuse(Infer message, InferenceFailure.Kind kind, String why) {
    message.request.release();
    message.answer.completeExceptionally(new InferenceFailure(kind, why));
  }

  private void begin(Flight flight) {
    flights.put(flight.id, flight);
    flight.instance = instance(flight.model, InputCheck.shapes(flight.request.inputs()));
    if (flight.instance.prepared == null) flight.instance.waiting.add(flight);
    else dispatch(flight);
  }

  private ModelInstance instance(LoadedModel model, Map<String, dev.tilestream.tensor.Shape> shapes) {
    ModelInstance instance = instances.computeIfAbsent(new ModelInstance.Key(model.sha256(), shapes), key -> new ModelInstance(key, model));
    if (instance.prepared == null) prepare(instance);
    return instance;
  }

  private void prepare(ModelInstance instance) {
    if (instance.preparing) return;
    instance.preparing = true;
    getContext().pipeToSelf(models.prepare(instance.model, instance.key.shapes()), (prepared, failure) -> new PreparedEvent(instance.key, prepared, failure));
  }

  private Behavior<Command> onPrepared(PreparedEvent message) {
    ModelInstance instance = instances.get(message.key);
    if (instance == null) return this;
    instance.preparing = false;
    if (message.failure != null) {
      InferenceFailure why = new InferenceFailure(
          InferenceFailure.Kind.BAD_REQUEST, "model %s: %s".formatted(instance.model.name(), plain(message.failure).getMessage()), Duration.ZERO, plain(message.failure));
      if (instance.prepared == null) {
        instances.remove(message.key);
        drain(instance.waiting).forEach(f -> fail(f, why));
        for (WarmUpWait w : List.copyOf(warmUps)) if (w.instance == instance) warmedUp(w, why);
      }
      return this;
    }
    boolean first = instance.prepared == null;
    boolean moreDevices = !first && !instance.prepared.profiles().keySet().equals(message.prepared.profiles().keySet());
    instance.prepared = message.prepared;
    if (moreDevices) replan(instance);
    drain(instance.waiting).forEach(this::dispatch);
    for (WarmUpWait w : List.copyOf(warmUps)) if (w.instance == instance && w.slots.isEmpty()) warmSlots(w);
    return this;
  }

  /** Plans made for other devices go; new requests get new ones. */
  private void replan(ModelInstance instance) {
    for (Slot slot : List.copyOf(instance.slots.values()))
      if (slot.strategy != Strategy.LOCAL && slot.state == Slot.State.LIVE) deployer.retire(slot);
  }

  private void dispatch(Flight flight) {
    if (!flights.containsKey(flight.id)) return;
    Strategy strategy = System.nanoTime() - flight.instance.suspectUntilNanos < 0 ? Strategy.LOCAL : flight.strategy;
    Slot slot = deployer.slot(flight.instance, strategy);
    if (slot.state == Slot.State.LIVE) launch(flight, slot);
    else slot.waiting.add(flight);
  }

  private void launch(Flight flight, Slot slot) {
    long now = System.nanoTime();
    flight.slot = slot;
    flight.launched = true;
    slot.inFlight++;
    double expected = Deployer.predictedSeconds(slot) * settings.lateFactor() * Math.max(1, flights.size());
    flight.lateNanos = now + Math.max(settings.lateFloor().toNanos(), (long) (expected * 1e9));
    OperatorGraph graph = flight.instance.prepared.graph();
    List<Tensor> outputs = graph.outputs().stream().distinct().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE).toList();
    Duration wait = Duration.ofNanos(Math.max(1, flight.deadlineNanos - now));
    CompletionStage<List<TensorSlice>> joined = source.joins().open(flight.id, outputs, wait);
    ActorRef<Command> self = getContext().getSelf();
    joined.whenComplete((slices, failure) -> self.tell(new Landed(flight, slices, failure)));
    feed(flight, slot);
  }

  private void feed(Flight flight, Slot slot) {
    OperatorGraph graph = flight.instance.prepared.graph();
    Map<Integer, TensorSlice> inputs = new HashMap<>();
    for (int id : graph.inputs()) {
      Tensor tensor = graph.tensor(id);
      TensorSlice given = flight.request.inputs().get(tensor.name());
      inputs.put(id, TensorSlice.of(id, given.type(), given.shape(), tensor.axis(), tensor.all(), given.buffer()));
    }
    source.feed(slot.id, flight.id, slot.plan, slot.routes, inputs);
  }

  private Behavior<Command> onLanded(Landed message) {
    Flight flight = message.flight;
    if (message.failure == null) {
      complete(flight, message.slices);
      return this;
    }
    Throwable why = plain(message.failure);
    if (why instanceof TimeoutException)
      fail(flight, new InferenceFailure(InferenceFailure.Kind.LATE, "no answer within %d ms".formatted((flight.deadlineNanos - flight.startNanos) / 1_000_000)));
    else if (why instanceof InferenceFailure f) fail(flight, f);
    else if (why instanceof dev.tilestream.tensor.BufferPool.Exhausted) fail(flight, new InferenceFailure(InferenceFailure.Kind.BUSY, why.getMessage()));
    else fail(flight, new InferenceFailure(InferenceFailure.Kind.BROKEN, String.valueOf(why.getMessage()), Duration.ZERO, why));
    return this;
  }

  private void complete(Flight flight, List<TensorSlice> slices) {
    Slot slot = flight.slot;
    InferenceAnswer answer;
    try {
      answer = Answers.of(flight, slices, source);
    } catch (RuntimeException e) {
      slices.forEach(TensorSlice::release);
      fail(flight, new InferenceFailure(InferenceFailure.Kind.BROKEN, String.valueOf(e.getMessage()), Duration.ZERO, e));
      return;
    }
    end(flight);
    if (!flight.answer.complete(answer)) answer.release();
    getContext().getLog().debug("{} by {} in {}", flight.id, slot.strategy, answer.latency());
  }

  private void fail(Flight flight, InferenceFailure why) {
    if (!flights.containsKey(flight.id)) return;
    if (flight.launched) deployer.forget(flight.slot, flight.id);
    end(flight);
    flight.answer.completeExceptionally(why);
  }

  /** Whatever the end: gives back the input, frees the place for the next. */
  private void end(Flight flight) {
    flights.remove(flight.id);
    flight.request.release();
    if (flight.takeover != null) {
      deployer.forget(flight.slot, flight.id);
      if (flight.takeover.plan != null) deployer.forget(flight.takeover, flight.id);
      deployer.ended(flight.takeover);
    }
    if (flight.launched) deployer.ended(flight.slot);
    long now = System.nanoTime();
    while (flights.size() < settings.maxInFlight() && !queue.isEmpty()) {
      Flight next = queue.poll();
      if (now - next.deadlineNanos < 0) begin(next);
      else {
        next.request.release();
        next.answer.completeExceptionally(new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed in the queue"));
      }
    }
  }

  private Behavior<Command> onDevice(FromDevice message) {
    if (message.event instanceof SourceEvent.Deployed e) deployer.deployed(e);
    else if (message.event instanceof SourceEvent.Refused e) deployer.refused(e);
    else if (message.event instanceof SourceEvent.TileFailed e) onTileFailed(e);
    return this;
  }

  private void onTileFailed(SourceEvent.TileFailed event) {
    Flight flight = flights.get(event.inference());
    if (flight == null || !flight.launched) return;
    getContext().getLog().warn("{}: tile {} on {} failed ({}): {}", event.inference(), event.tile(), event.device(), event.cause(), event.reason());
    boolean own = event.device().equals(source.device()) && event.cause() != SourceEvent.Cause.UNREACHABLE;
    if (!own && takeOver(flight)) return;
    if (flight.takenOver && !event.deployment().equals(flight.takeover == null ? null : flight.takeover.id)) return;
    boolean busy = event.cause() == SourceEvent.Cause.EXHAUSTED || event.cause() == SourceEvent.Cause.BUSY;
    source.joins().close(flight.id, new InferenceFailure(busy ? InferenceFailure.Kind.BUSY : InferenceFailure.Kind.BROKEN, event.reason()));
  }

  /** Also computes the inference here. False when that is what failed already. */
  private boolean takeOver(Flight flight) {
    if (flight.takenOver) return true;
    if (flight.slot.strategy == Strategy.LOCAL) return false;
    flight.takenOver = true;
    flight.instance.suspectUntilNanos = System.nanoTime() + settings.suspectFor().toNanos();
    Slot local = deployer.slot(flight.instance, Strategy.LOCAL);
    flight.takeover = local;
    local.inFlight++;
    if (local.state == Slot.State.LIVE) feed(flight, local);
    else local.waiting.add(flight);
    return true;
  }

  private Behavior<Command> onTick(Tick message) {
    long now = System.nanoTime();
    deployer.expire(now);
    for (Flight flight : List.copyOf(flights.values())) {
      if (!flight.launched && now - flight.deadlineNanos > 0)
        fail(flight, new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed while its plan was deployed"));
      else if (flight.launched && !flight.takenOver && now - flight.lateNanos > 0 && takeOver(flight))
        getContext().getLog().warn("{} of {} is late by {}; computing it here", flight.id, flight.model.name(), flight.slot.strategy.word());
    }
    return this;
  }

  private Behavior<Command> onPlanned(PlannedEvent message) {
    deployer.planned(message.slot, message.plan, message.routes, message.failure == null ? null : plain(message.failure));
    return this;
  }

  private Behavior<Command> onPeersChanged(PeersChanged message) {
    List<Slot> broken = deployer.peersChanged(message.peers);
    for (Flight flight : List.copyOf(flights.values())) if (flight.launched && broken.contains(flight.slot)) takeOver(flight);
    for (Slot slot : broken) drain(slot.waiting).forEach(this::dispatch);
    return onRefresh(new Refresh());
  }

  private Behavior<Command> onRefresh(Refresh message) {
    for (ModelInstance instance : instances.values()) if (instance.prepared != null) prepare(instance);
    return this;
  }

  private Behavior<Command> onWarmUp(WarmUp message) {
    ModelInstance instance = instance(message.model, message.shapes);
    WarmUpWait wait = new WarmUpWait(instance, new ArrayList<>(), message.done);
    warmUps.add(wait);
    if (instance.prepared != null) warmSlots(wait);
    return this;
  }

  private void warmSlots(WarmUpWait wait) {
    wait.slots.add(deployer.slot(wait.instance, Strategy.LOCAL));
    wait.slots.add(deployer.slot(wait.instance, wait.instance.model.defaultStrategy().orElse(Strategy.HYBRID)));
    checkWarm(wait);
  }

  private void checkWarm(WarmUpWait wait) {
    if (wait.slots.isEmpty() || wait.slots.stream().anyMatch(s -> s.state == Slot.State.PLANNING || s.state == Slot.State.DEPLOYING)) return;
    boolean local = wait.slots.get(0).state == Slot.State.LIVE;
    warmedUp(wait, local ? null : new InferenceFailure(InferenceFailure.Kind.BROKEN, "model %s could not be deployed here".formatted(wait.instance.model.name())));
  }

  private void warmedUp(WarmUpWait wait, InferenceFailure failure) {
    warmUps.remove(wait);
    if (failure == null) wait.done.complete(null);
    else wait.done.completeExceptionally(failure);
  }

  private Behavior<Command> onModelRemoved(ModelRemoved message) {
    InferenceFailure gone = new InferenceFailure(InferenceFailure.Kind.NOT_FOUND, "the model was unloaded");
    instances.values().removeIf(instance -> {
      if (!instance.key.sha256().equals(message.sha256)) return false;
      drain(instance.waiting).forEach(f -> fail(f, gone));
      for (Slot slot : List.copyOf(instance.slots.values())) {
        drain(slot.waiting).forEach(f -> fail(f, gone));
        deployer.retire(slot);
      }
      return true;
    });
    return this;
  }

  private final class DeploymentListener implements Deployer.Listener {
    @Override
    public void plan(Slot slot, Fleet fleet) {
      getContext().pipeToSelf(
          CompletableFuture.supplyAsync(() -> {
            Plan plan = Deployer.plan(slot.instance, slot.strategy, fleet);
            return new PlannedEvent(slot, plan, Routes.of(slot.instance.prepared.graph(), plan), null);
          }, source.background()),
          (planned, failure) -> failure == null ? planned : new PlannedEvent(slot, null, null, failure));
    }

    @Override
    public void live(Slot slot) {
      for (Flight flight : drain(slot.waiting)) {
        if (!flights.containsKey(flight.id)) continue;
        if (flight.takeover == slot) feed(flight, slot);
        else launch(flight, slot);
      }
      List.copyOf(warmUps).forEach(SchedulerActor.this::checkWarm);
    }

    @Override
    public void failed(Slot slot, InferenceFailure why) {
      boolean fallBack = slot.strategy != Strategy.LOCAL && why.kind() == InferenceFailure.Kind.BUSY;
      for (Flight flight : drain(slot.waiting)) {
        if (fallBack) flight.instance.suspectUntilNanos = System.nanoTime() + settings.suspectFor().toNanos();
        if (fallBack) dispatch(flight);
        else fail(flight, why);
      }
      List.copyOf(warmUps).forEach(SchedulerActor.this::checkWarm);
    }
  }

  private static List<Flight> drain(Deque<Flight> flights) {
    List<Flight> all = List.copyOf(flights);
    flights.clear();
    return all;
  }

  private static Throwable plain(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
  }
}
