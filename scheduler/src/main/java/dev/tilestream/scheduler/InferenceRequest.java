package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
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
 */
public record InferenceRequest(
    String model,
    Optional<String> version,
    String stream,
    Map<String, TensorSlice> inputs,
    List<String> outputs,
    Optional<Strategy> strategy,
    Optional<Duration> deadline,
    boolean timeline) {
  public InferenceRequest {
    inputs = Map.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Gives back the inputs' memory. */
  public void release() {
    inputs.values().forEach(TensorSlice::release);
  }
}
