package dev.tilestream.api;

import dev.tilestream.picture.Placement;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.PlanReport;
import dev.tilestream.tensor.BufferPool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * What stands behind the HTTP face.
 *
 * @param configs the settings of a model that {@code models} knows; called on a thread that may block
 * @param plans which plans there are; of one model where one is named
 * @param pool where inputs are put; what is given to {@code service} belongs to it
 */
public record ApiBackend(
    InferenceService service, ModelControl models, Function<ModelStatus, ModelConfig> configs, NodeView node,
    Function<Optional<String>, CompletionStage<List<PlanReport>>> plans, BufferPool pool) {
  /** Of a node that plans nothing. */
  public ApiBackend(
      InferenceService service, ModelControl models, Function<ModelStatus, ModelConfig> configs, NodeView node, BufferPool pool) {
    this(service, models, configs, node, model -> CompletableFuture.completedFuture(List.of()), pool);
  }

  /** What the model's outputs say, of a picture that lies there in its input. */
  OutputMeaning meaning(ModelStatus model, Optional<Placement> picture) {
    return OutputMeaning.of(model, configs.apply(model), picture);
  }

  /** The model's deadline, looked up for those alone who count on it. */
  Optional<Duration> deadline(RequestOptions options, ModelStatus model) {
    boolean counts = options.wish().isPresent() && options.deadline().isEmpty();
    return counts ? configs.apply(model).deadline() : Optional.empty();
  }
}
