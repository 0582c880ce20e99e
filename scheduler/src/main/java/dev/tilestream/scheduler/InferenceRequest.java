package dev.tilestream.scheduler;

import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One inference asked of this node, the source.
 *
 * @param version empty: the newest
 * @param stream whose requests this belongs to, admitted by one session; empty: this node's requests for the model
 * @param inputs by input name, whole and dense; owned by the service from the call on, released whatever happens
 * @param outputs names wanted; empty: all
 * @param strategy empty: the model's default
 * @param deadline empty: the model's default
 * @param timeline whether the answer carries what ran where and when
 * @param halo rows of halo that devices see beyond their share, {@link dev.tilestream.scheduler.plan.PlanOptions#halo}; empty: the model's
 *     default, which is all they need unless its configuration says otherwise
 * @param objective what its plan is chosen for; empty: the model's default, which is latency unless its configuration says otherwise
 * @param precision at which rows of floats cross links; empty: the model's default, which is their own unless its configuration says
 *     otherwise
 */
public record InferenceRequest(
    String model,
    Optional<String> version,
    String stream,
    Map<String, TensorSlice> inputs,
    List<String> outputs,
    Optional<Strategy> strategy,
    Optional<Duration> deadline,
    boolean timeline,
    Optional<Integer> halo,
    Optional<Objective> objective,
    Optional<Precision> precision) {
  public InferenceRequest {
    inputs = Map.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** At the model's precision. */
  public InferenceRequest(
      String model, Optional<String> version, String stream, Map<String, TensorSlice> inputs, List<String> outputs,
      Optional<Strategy> strategy, Optional<Duration> deadline, boolean timeline, Optional<Integer> halo, Optional<Objective> objective) {
    this(model, version, stream, inputs, outputs, strategy, deadline, timeline, halo, objective, Optional.empty());
  }

  /** With the model's halo, for latency. */
  public InferenceRequest(
      String model, Optional<String> version, String stream, Map<String, TensorSlice> inputs, List<String> outputs,
      Optional<Strategy> strategy, Optional<Duration> deadline, boolean timeline) {
    this(model, version, stream, inputs, outputs, strategy, deadline, timeline, Optional.empty(), Optional.empty());
  }

  /** The same request, the same memory, with another deadline. */
  public InferenceRequest within(Duration left) {
    return new InferenceRequest(
        model, version, stream, inputs, outputs, strategy, Optional.of(left), timeline, halo, objective, precision);
  }

  /** Gives back the inputs' memory. */
  public void release() {
    inputs.values().forEach(TensorSlice::release);
  }
}
