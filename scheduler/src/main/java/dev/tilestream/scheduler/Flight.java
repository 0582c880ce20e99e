package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.Ledger;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** One inference from its request to its answer. Belongs to the scheduler actor's thread. */
final class Flight {
  final InferenceRequest request;
  final LoadedModel model;
  final PlanGoal goal;
  final CompletableFuture<InferenceAnswer> answer;
  final InferenceId id;
  final long startNanos;
  final long deadlineNanos;
  ModelInstance instance;
  /** The deployment that was to answer, once it was fed; a takeover leaves it as it was. */
  Slot slot;
  /** Whose plan that was: {@link #goal}'s, or {@code local}'s when others could not be waited for. */
  Course course;
  /** What went out and came back, where other devices have a part in it. */
  Ledger ledger;
  /** When those are late; null while nobody knows what to expect. */
  Delays delays;
  /** Devices that it was given up on; what they owe is computed here. */
  Set<String> lost = Set.of();
  /** Devices that were late. */
  Set<String> late = Set.of();
  /** Devices that go on, but what they owe is computed here as well. */
  Set<String> overtaken = Set.of();
  /** All of it is to be computed here as well. */
  boolean takenOver;
  /** The local deployment that does so, once it was fed. */
  Slot takeover;
  /** What was computed here of what others may still deliver has failed: they are waited for. */
  boolean spareFailed;
  /** A tile of its plan has failed where that has it: without what is computed here instead there is no answer. */
  boolean planFailed;
  long launchNanos;
  /** What {@link #slot}'s plan promised when it began; 0 when unknown. */
  double promisedSeconds;
  double promisedJoules;
  /** Launches of this source when it was; it was alone if there were none since. */
  long launches;
  boolean alone;
  long lateNanos;
  /** Where it waits for a preparation or deployment; null when it does not. */
  private Deque<Flight> waitsIn;

  Flight(
      InferenceRequest request, LoadedModel model, PlanGoal goal, CompletableFuture<InferenceAnswer> answer, InferenceId id,
      long startNanos, long deadlineNanos) {
    this.request = request;
    this.model = model;
    this.goal = goal;
    this.answer = answer;
    this.id = id;
    this.startNanos = startNanos;
    this.deadlineNanos = deadlineNanos;
  }

  /** Which requests it shares with: those of its stream, or those that name none and the same model. */
  String stream() {
    return request.stream().isEmpty() ? "~" + request.model() : request.stream();
  }

  /** What served it, once it was launched. */
  Strategy strategy() {
    return course.goal.strategy();
  }

  /** Waits there, and nowhere else any more. */
  void waitIn(Deque<Flight> deque) {
    leaveQueue();
    deque.add(this);
    waitsIn = deque;
  }

  void leaveQueue() {
    if (waitsIn != null) waitsIn.remove(this);
    waitsIn = null;
  }

  static List<Flight> drain(Deque<Flight> waiting) {
    List<Flight> all = List.copyOf(waiting);
    all.forEach(Flight::leaveQueue);
    return all;
  }

  /** Answers it; the answer's memory is nobody's when that comes too late. */
  void deliver(InferenceAnswer made) {
    if (!answer.complete(made)) made.release();
  }

  /** Answers a request that never began. */
  void refuse(InferenceFailure why) {
    refuse(request, answer, why);
  }

  static void refuse(InferenceRequest request, CompletableFuture<InferenceAnswer> answer, InferenceFailure why) {
    request.release();
    answer.completeExceptionally(why);
  }

  /** The request's inputs as the graph names them; references stay the request's. */
  List<TensorSlice> inputs() {
    OperatorGraph graph = instance.prepared.graph();
    List<TensorSlice> inputs = new ArrayList<>();
    for (int id : graph.inputs()) {
      Tensor tensor = graph.tensor(id);
      TensorSlice given = request.inputs().get(tensor.name());
      inputs.add(TensorSlice.of(id, given.type(), given.shape(), tensor.axis(), tensor.all(), given.buffer()));
    }
    return inputs;
  }

  /** What must come together before it can be answered. */
  List<Tensor> outputs() {
    OperatorGraph graph = instance.prepared.graph();
    return graph.outputs().stream().distinct().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE).toList();
  }

  /** Others failed it, or were late. */
  boolean disturbed() {
    return takenOver || !lost.isEmpty() || !overtaken.isEmpty();
  }

  boolean uses(DeploymentId deployment) {
    return slot != null && slot.id.equals(deployment) || takeover != null && takeover.id.equals(deployment);
  }

  boolean halfOver(long now) {
    return now - startNanos > (deadlineNanos - startNanos) / 2;
  }

  /** @param without devices whose part was done here */
  InferenceAnswer answered(Map<String, TensorSlice> outputs, Set<String> without, long now) {
    return new InferenceAnswer(
        model.version(), outputs, strategy(), slot.devices(), Duration.ofNanos(now - startNanos),
        new InferenceAnswer.Prediction(slot.hash(), Duration.ofNanos((long) (promisedSeconds * 1e9)), promisedJoules), slot.entry.airBytes(),
        slot.plan().exact(), List.of())
        .without(without.stream().sorted().toList());
  }

  /** What to tell whoever asked. */
  InferenceFailure reason(Throwable why) {
    if (why instanceof InferenceFailure f) return f;
    if (why instanceof TimeoutException) return late();
    if (why instanceof BufferPool.Exhausted) return new InferenceFailure(InferenceFailure.Kind.BUSY, why.getMessage());
    return new InferenceFailure(InferenceFailure.Kind.BROKEN, String.valueOf(why.getMessage()), Duration.ZERO, why);
  }

  InferenceFailure late() {
    BigDecimal millis = BigDecimal.valueOf(deadlineNanos - startNanos, 6).stripTrailingZeros();
    return new InferenceFailure(InferenceFailure.Kind.LATE, "no answer within %s ms".formatted(millis.toPlainString()));
  }

  /** Without the wrapping of futures. */
  static Throwable plain(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
  }
}
