package dev.tilestream.api;

import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.BufferPool;
import java.util.function.Function;

/**
 * What stands behind the HTTP face.
 *
 * @param configs the settings of a model that {@code models} knows; called on a thread that may block
 * @param pool where inputs are put; what is given to {@code service} belongs to it
 */
public record ApiBackend(
    InferenceService service, ModelControl models, Function<ModelStatus, ModelConfig> configs, NodeView node, BufferPool pool) {}
