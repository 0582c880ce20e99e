package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.InferenceId;
import java.util.concurrent.CompletableFuture;

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
}
