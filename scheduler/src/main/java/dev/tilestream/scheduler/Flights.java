package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inferences under way at a source, each from its admission to its end. Whatever happens, a flight ends once: with an answer or a
 * failure, its input given back and its deployments free of it. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Flights {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);

  /** Tells the actor that an inference's rows are together, or why they will not be; called on any thread. */
  interface Landing {
    void landed(Flight flight, List<TensorSlice> slices, Throwable failure);
  }

  private final SourceRuntime source;
  private final SchedulerSettings settings;
  private final Deployer deployer;
  private final Timelines timelines;
  private final BiFunction<LoadedModel, Map<String, Shape>, ModelInstance> instances;
  private final Landing landing;
  private final Map<InferenceId, Flight> flights = new HashMap<>();
  private final Deque<Flight> queue = new ArrayDeque<>();
  private long sequence;

  /** @param instances finds a model's instance for given input shapes, and has it prepared if it is not yet */
  Flights(
      SourceRuntime source,
      SchedulerSettings settings,
      Deployer deployer,
      Timelines timelines,
      BiFunction<LoadedModel, Map<String, Shape>, ModelInstance> instances,
      Landing landing) {
    this.source = source;
    this.settings = settings;
    this.deployer = deployer;
    this.timelines = timelines;
    this.instances = instances;
    this.landing = landing;
  }

  /** Begins the inference, lets it wait, or refuses it. */
  void admit(LoadedModel model, InferenceRequest request, CompletableFuture<InferenceAnswer> answer) {
    long now = System.nanoTime();
    Duration life = request.deadline().or(model::deadline).orElse(settings.defaultDeadline());
    Strategy strategy = request.strategy().or(model::defaultStrategy).orElse(Strategy.HYBRID);
    InferenceId id = new InferenceId(source.incarnation(), ++sequence);
    Flight flight = new Flight(request, model, strategy, answer, id, now, now + life.toNanos());
    if (flights.size() < settings.maxInFlight()) begin(flight);
    else if (queue.size() < settings.maxQueued()) queue.add(flight);
    else {
      String why = "%d inferences wait (expected: at most %d)".formatted(queue.size() + 1, settings.maxQueued());
      refuse(request, answer, new InferenceFailure(InferenceFailure.Kind.BUSY, why));
    }
  }

  /** Answers a request that never began. */
  static void refuse(InferenceRequest request, CompletableFuture<InferenceAnswer> answer, InferenceFailure why) {
    request.release();
    answer.completeExceptionally(why);
  }

  private void begin(Flight flight) {
    flights.put(flight.id, flight);
    flight.instance = instances.apply(flight.model, InputCheck.shapes(flight.request.inputs()));
    if (flight.instance.prepared == null) flight.instance.waiting.add(flight);
    else dispatch(flight);
  }

  /** Hands a flight of a prepared model to its deployment, or has it wait for that. */
  void dispatch(Flight flight) {
    if (!flights.containsKey(flight.id)) return;
    Strategy strategy = System.nanoTime() - flight.instance.suspectUntilNanos < 0 ? Strategy.LOCAL : flight.strategy;
    Slot slot = deployer.slot(flight.instance, strategy);
    Slot local = flight.instance.slots.get(Strategy.LOCAL);
    boolean fillIn = flight.instance.replaced.contains(strategy) && local != null && local.state == Slot.State.LIVE;
    if (slot.state == Slot.State.LIVE) launch(flight, slot);
    else if (fillIn) launch(flight, local);
    else slot.waiting.add(flight);
  }

  /** {@code slot} is live: what waited for it goes. */
  void slotLive(Slot slot) {
    for (Flight flight : drain(slot.waiting)) {
      if (!flights.containsKey(flight.id)) continue;
      if (flight.takeover == slot) feed(flight, slot);
      else launch(flight, slot);
    }
  }

  /** {@code slot} could not be deployed: what waited for it is computed here where that can help. */
  void slotFailed(Slot slot, InferenceFailure why) {
    boolean fallBack = slot.strategy != Strategy.LOCAL && why.kind() == InferenceFailure.Kind.BUSY;
    if (fallBack) suspect(slot.instance);
    for (Flight flight : drain(slot.waiting)) {
      if (fallBack) dispatch(flight);
      else fail(flight, why);
    }
  }

  private void launch(Flight flight, Slot slot) {
    long now = System.nanoTime();
    flight.slot = slot;
    slot.inFlight++;
    double expected = slot.predictedSeconds() * settings.lateFactor() * Math.max(1, flights.size());
    flight.lateNanos = now + Math.max(settings.lateFloor().toNanos(), (long) (expected * 1e9));
    OperatorGraph graph = flight.instance.prepared.graph();
    List<Tensor> outputs = graph.outputs().stream().distinct().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE).toList();
    Duration wait = Duration.ofNanos(Math.max(1, flight.deadlineNanos - now));
    CompletionStage<List<TensorSlice>> joined = source.joins().open(flight.id, outputs, wait);
    joined.whenComplete((slices, failure) -> landing.landed(flight, slices, failure));
    feed(flight, slot);
  }

  /** Sends the input on its way; tiles that can't be reached are told of by the links, as failures. */
  private void feed(Flight flight, Slot slot) {
    OperatorGraph graph = flight.instance.prepared.graph();
    List<TensorSlice> inputs = new ArrayList<>();
    for (int id : graph.inputs()) {
      Tensor tensor = graph.tensor(id);
      TensorSlice given = flight.request.inputs().get(tensor.name());
      inputs.add(TensorSlice.of(id, given.type(), given.shape(), tensor.axis(), tensor.all(), given.buffer()));
    }
    var unreachable = slot.feeder.feed(source.courier(), flight.id, inputs);
    if (!unreachable.isEmpty() && !takeOver(flight)) {
      String why = "device %s: cannot be reached".formatted(unreachable);
      source.joins().close(flight.id, new InferenceFailure(InferenceFailure.Kind.BUSY, why));
    }
  }

  /** Rows are together, or will not be. */
  void landed(Flight flight, List<TensorSlice> slices, Throwable failure) {
    if (failure != null) fail(flight, reason(flight, plain(failure)));
    else complete(flight, slices);
  }

  private static InferenceFailure reason(Flight flight, Throwable why) {
    if (why instanceof InferenceFailure f) return f;
    if (why instanceof TimeoutException) {
      long millis = (flight.deadlineNanos - flight.startNanos) / 1_000_000;
      return new InferenceFailure(InferenceFailure.Kind.LATE, "no answer within %d ms".formatted(millis));
    }
    if (why instanceof BufferPool.Exhausted) return new InferenceFailure(InferenceFailure.Kind.BUSY, why.getMessage());
    return new InferenceFailure(InferenceFailure.Kind.BROKEN, String.valueOf(why.getMessage()), Duration.ZERO, why);
  }

  private void complete(Flight flight, List<TensorSlice> slices) {
    InferenceAnswer answer;
    try {
      answer = Answers.of(flight, slices, source);
    } catch (RuntimeException e) {
      slices.forEach(TensorSlice::release);
      fail(flight, reason(flight, e));
      return;
    }
    end(flight);
    if (flight.request.timeline()) timelines.of(flight).thenAccept(entries -> hand(flight, answer.with(entries)));
    else hand(flight, answer);
  }

  private static void hand(Flight flight, InferenceAnswer answer) {
    if (!flight.answer.complete(answer)) answer.release();
  }

  private void fail(Flight flight, InferenceFailure why) {
    if (!flights.containsKey(flight.id)) return;
    if (flight.slot != null) deployer.forget(flight.slot, flight.id);
    end(flight);
    flight.answer.completeExceptionally(why);
  }

  /** Fails all that wait in {@code waiting}. */
  void failAll(Deque<Flight> waiting, InferenceFailure why) {
    drain(waiting).forEach(flight -> fail(flight, why));
  }

  /** Whatever the end: gives back the input, frees the place for the next. */
  private void end(Flight flight) {
    flights.remove(flight.id);
    flight.request.release();
    if (flight.takeover != null) {
      deployer.forget(flight.slot, flight.id);
      deployer.forget(flight.takeover, flight.id);
      deployer.ended(flight.takeover);
    }
    if (flight.slot != null) deployer.ended(flight.slot);
    long now = System.nanoTime();
    while (flights.size() < settings.maxInFlight() && !queue.isEmpty()) {
      Flight next = queue.poll();
      if (now - next.deadlineNanos < 0) begin(next);
      else refuse(next.request, next.answer, new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed in the queue"));
    }
  }

  /** A tile will not deliver: computed here instead, unless it is this device's own kernel that fails. */
  void tileFailed(SourceEvent.TileFailed event) {
    Flight flight = flights.get(event.inference());
    if (flight == null || flight.slot == null) return;
    LOG.warn("{}: tile {} on {} failed ({}): {}", event.inference(), event.tile(), event.device(), event.cause(), event.reason());
    boolean here = event.device().equals(source.device()) && event.cause() != SourceEvent.Cause.UNREACHABLE;
    if (!here && takeOver(flight)) return;
    if (flight.takeover != null && !event.deployment().equals(flight.takeover.id)) return;
    boolean busy = event.cause() == SourceEvent.Cause.EXHAUSTED || event.cause() == SourceEvent.Cause.BUSY;
    InferenceFailure.Kind kind = busy ? InferenceFailure.Kind.BUSY : InferenceFailure.Kind.BROKEN;
    source.joins().close(flight.id, new InferenceFailure(kind, event.reason()));
  }

  /** Slots whose devices left: their flights are computed here too, those that waited for them get new plans. */
  void broken(List<Slot> slots) {
    for (Flight flight : List.copyOf(flights.values())) if (flight.slot != null && slots.contains(flight.slot)) takeOver(flight, false);
    for (Slot slot : slots) drain(slot.waiting).forEach(this::dispatch);
  }

  /** Also computes the inference here, by the source's own local deployment. False when that is what failed already. */
  private boolean takeOver(Flight flight) {
    return takeOver(flight, true);
  }

  /** @param suspect whether other plans avoid peers for a while: who failed is not known */
  private boolean takeOver(Flight flight, boolean suspect) {
    if (flight.takeover != null) return true;
    if (flight.slot.strategy == Strategy.LOCAL) return false;
    if (suspect) suspect(flight.instance);
    Slot local = deployer.slot(flight.instance, Strategy.LOCAL);
    flight.takeover = local;
    local.inFlight++;
    if (local.state == Slot.State.LIVE) feed(flight, local);
    else local.waiting.add(flight);
    return true;
  }

  private void suspect(ModelInstance instance) {
    instance.suspectUntilNanos = System.nanoTime() + settings.suspectFor().toNanos();
  }

  /** Ends what waited too long for a plan, and computes here what is late. */
  void tick(long now) {
    for (Flight flight : List.copyOf(flights.values())) {
      if (flight.slot == null && now - flight.deadlineNanos > 0)
        fail(flight, new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed while its plan was deployed"));
      else if (flight.slot != null && flight.takeover == null && now - flight.lateNanos > 0 && takeOver(flight))
        LOG.warn("{} of {} is late by {}; computing it here", flight.id, flight.model.name(), flight.slot.strategy.word());
    }
  }

  static List<Flight> drain(Deque<Flight> flights) {
    List<Flight> all = List.copyOf(flights);
    flights.clear();
    return all;
  }

  /** Without the wrapping of futures. */
  static Throwable plain(Throwable failure) {
    return failure instanceof CompletionException ? Optional.ofNullable(failure.getCause()).orElse(failure) : failure;
  }
}
