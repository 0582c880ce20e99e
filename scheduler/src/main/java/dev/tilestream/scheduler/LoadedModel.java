package dev.tilestream.scheduler;

import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A model that this node can run.
 *
 * @param sha256 of the ONNX file, in hex
 * @param inputs what it takes; dimension -1 is fixed by the request
 * @param halo what requests that say nothing get, as {@link InferenceRequest#halo}; empty: exact
 * @param objective what plans of requests that say nothing are chosen for; empty: latency
 * @param precision at which floats of such requests cross links; empty: their own
 */
public record LoadedModel(
    String name,
    String version,
    String sha256,
    List<ModelStatus.Port> inputs,
    List<ModelStatus.Port> outputs,
    Optional<Strategy> defaultStrategy,
    Optional<Duration> deadline,
    Optional<Integer> halo,
    Optional<Objective> objective,
    Optional<Precision> precision) {
  public LoadedModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** One whose rows cross links as they are. */
  public LoadedModel(
      String name, String version, String sha256, List<ModelStatus.Port> inputs, List<ModelStatus.Port> outputs,
      Optional<Strategy> defaultStrategy, Optional<Duration> deadline, Optional<Integer> halo, Optional<Objective> objective) {
    this(name, version, sha256, inputs, outputs, defaultStrategy, deadline, halo, objective, Optional.empty());
  }

  /** An exact one, for latency. */
  public LoadedModel(
      String name, String version, String sha256, List<ModelStatus.Port> inputs, List<ModelStatus.Port> outputs,
      Optional<Strategy> defaultStrategy, Optional<Duration> deadline) {
    this(name, version, sha256, inputs, outputs, defaultStrategy, deadline, Optional.empty(), Optional.empty());
  }
}
