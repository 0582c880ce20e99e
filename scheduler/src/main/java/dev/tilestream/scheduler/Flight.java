package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** One inference from its request to its answer. Belongs to the scheduler actor's thread. */
final class Flight {
  final InferenceRequest request;
  final LoadedModel model;
  final Strategy strategy;
  final CompletableFuture<InferenceAnswer> answer;
  final InferenceId id;
  final long startNanos;
  final long deadlineNanos;
  ModelInstance instance;
  /** The deployment that was to answer, once it was fed; a takeover leaves it as it was. */
  Slot slot;
  /** The local deployment that computes it as well, once taken over. */
  Slot takeover;
  long lateNanos;
  /** Where it waits for a preparation or deployment; null when it does not. */
  private Deque<Flight> waitsIn;

  Flight(
      InferenceRequest request, LoadedModel model, Strategy strategy, CompletableFuture<InferenceAnswer> answer, InferenceId id,
      long startNanos, long deadlineNanos) {
    this.request = request;
    this.model = model;
    this.strategy = strategy;
    this.answer = answer;
    this.id = id;
    this.startNanos = startNanos;
    this.deadlineNanos = deadlineNanos;
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

  boolean uses(DeploymentId deployment) {
    return slot != null && slot.id.equals(deployment) || takeover != null && takeover.id.equals(deployment);
  }

  boolean halfOver(long now) {
    return now - startNanos > (deadlineNanos - startNanos) / 2;
  }

  InferenceAnswer answered(Map<String, TensorSlice> outputs, long now) {
    return new InferenceAnswer(
        model.version(), outputs, slot.strategy, slot.devices(), Duration.ofNanos(now - startNanos),
        Duration.ofNanos((long) (slot.predictedSeconds() * 1e9)), slot.airBytes, slot.plan.exact(), List.of());
  }

  /** What to tell whoever asked. */
  InferenceFailure reason(Throwable why) {
    if (why instanceof InferenceFailure f) return f;
    if (why instanceof TimeoutException) {
      String late = "no answer within %d ms".formatted((deadlineNanos - startNanos) / 1_000_000);
      return new InferenceFailure(InferenceFailure.Kind.LATE, late);
    }
    if (why instanceof BufferPool.Exhausted) return new InferenceFailure(InferenceFailure.Kind.BUSY, why.getMessage());
    return new InferenceFailure(InferenceFailure.Kind.BROKEN, String.valueOf(why.getMessage()), Duration.ZERO, why);
  }

  /** Without the wrapping of futures. */
  static Throwable plain(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
  }
}
