package dev.tilestream.api;

import dev.tilestream.picture.Placement;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that has wholly arrived and been checked.
 *
 * @param inputs owned by the submission until {@link #toRequest}
 * @param outputs those asked for, in that order; empty: all
 * @param placement of the picture that the input was made of; empty: there was none
 */
record Submission(
    Optional<String> id, RequestOptions options, Map<String, TensorSlice> inputs, List<WantedOutput> outputs, Optional<Placement> placement) {
  /** Of tensors. */
  Submission(Optional<String> id, RequestOptions options, Map<String, TensorSlice> inputs, List<WantedOutput> outputs) {
    this(id, options, inputs, outputs, Optional.empty());
  }

  /**
   * Hands the inputs on; whoever takes the request owns them. They are given back when no request can be made.
   *
   * @param modelDeadline of requests that name none
   */
  InferenceRequest toRequest(ModelStatus model, Optional<Duration> modelDeadline) {
    try {
      return new InferenceRequest(
          model.name(),
          Optional.of(model.version()),
          options.stream().orElse(""),
          inputs,
          outputs.stream().map(WantedOutput::name).toList(),
          options.strategy(),
          options.deadline(),
          options.timeline(),
          options.halo(),
          options.objective(modelDeadline),
          options.precision());
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  /** Gives back the inputs' memory, of one that nobody takes. */
  void release() {
    inputs.values().forEach(TensorSlice::release);
  }
}
