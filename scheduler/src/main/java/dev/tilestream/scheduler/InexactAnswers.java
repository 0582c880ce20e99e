package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out how far deployments with a truncated halo, or whose rows are rounded on the way, are off. The first answer of each is held, at
 * most until its deadline, while the same input is computed by the source alone; it and all later answers say what came out. Called in the
 * scheduler actor's thread.
 */
final class InexactAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(InexactAnswers.class);

  /** Runs a request by the source's own local deployment. */
  interface Whole {
    void run(LoadedModel model, InferenceRequest request, CompletableFuture<InferenceAnswer> answer);
  }

  private final Whole whole;
  private final Executor background;

  /** @param background where outputs are compared */
  InexactAnswers(Whole whole, Executor background) {
    this.whole = whole;
    this.background = background;
  }

  /**
   * The answer with what is known of its deviation; done at once but for the first of a deployment.
   *
   * @param flight not ended yet: its request's inputs are still there
   */
  CompletableFuture<InferenceAnswer> measured(Flight flight, InferenceAnswer answer) {
    if (answer.exact()) return CompletableFuture.completedFuture(answer);
    CompletableFuture<OptionalDouble> known = flight.slot.deviation;
    if (known != null && known.isDone() && known.join().isPresent())
      return CompletableFuture.completedFuture(answer.with(known.join()));
    // Rows that were computed here instead say little of the deployment's own, and a removed model must not come back for a comparison.
    boolean valued = flight.instance.prepared.graph().weights().known();
    boolean comparable = valued && !flight.disturbed() && !flight.instance.removed;
    if (known != null && !known.isDone() || !comparable) return CompletableFuture.completedFuture(answer);
    CompletableFuture<OptionalDouble> found = compared(flight, answer);
    flight.slot.deviation = found;
    long left = Math.max(1, flight.deadlineNanos - System.nanoTime());
    return found.copy().completeOnTimeout(OptionalDouble.empty(), left, TimeUnit.NANOSECONDS)
        .handle((deviation, failure) -> failure == null ? answer.with(deviation) : answer);
  }

  private CompletableFuture<OptionalDouble> compared(Flight flight, InferenceAnswer answer) {
    Map<String, TensorSlice> made = retained(answer.outputs());
    CompletableFuture<InferenceAnswer> expected = new CompletableFuture<>();
    CompletableFuture<OptionalDouble> found = expected.handleAsync((exact, failure) -> {
      try {
        if (failure != null) {
          LOG.warn("{} of {}: its deviation is not known: {}", flight.strategy().word(), flight.model.name(), failure.getMessage());
          return OptionalDouble.empty();
        }
        double deviation = Deviations.largest(exact.outputs(), made);
        LOG.info("{} of {} is not exact: deviates by {} of the largest value", flight.strategy().word(), flight.model.name(), deviation);
        return OptionalDouble.of(deviation);
      } finally {
        made.values().forEach(TensorSlice::release);
        if (exact != null) exact.release();
      }
    }, background);
    whole.run(flight.model, again(flight.request), expected);
    return found;
  }

  private static InferenceRequest again(InferenceRequest r) {
    return new InferenceRequest(
        r.model(), r.version(), r.stream(), retained(r.inputs()), r.outputs(), Optional.of(Strategy.LOCAL), Optional.<Duration>empty(),
        false, Optional.empty(), Optional.of(Objective.LATENCY));
  }

  private static Map<String, TensorSlice> retained(Map<String, TensorSlice> slices) {
    Map<String, TensorSlice> all = new HashMap<>();
    slices.forEach((name, slice) -> all.put(name, slice.retain()));
    return all;
  }
}
