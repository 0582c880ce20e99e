package dev.tilestream.api;

import dev.tilestream.repository.ModelId;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds the model that a path names, or says why it cannot be used. */
final class Models {
  private final ModelControl control;

  Models(ModelControl control) {
    this.control = control;
  }

  /** @throws ApiError 400 for names that cannot be one, 404 for models that are not there */
  ModelStatus known(String name, Optional<String> version) {
    checkNames(name, version);
    return control.model(name, version).orElseThrow(() -> unknown(name, version));
  }

  static void checkNames(String name, Optional<String> version) {
    try {
      ModelId.checkName(name);
      version.ifPresent(ModelId::checkVersion);
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest("%s", e.getMessage());
    }
  }

  private static ApiError unknown(String name, Optional<String> version) {
    return ApiError.notFound("model %s: not in the repository, nor loaded by a peer", name + version.map(v -> " version " + v).orElse(""));
  }

  /**
   * A model that can be used, loaded first when it lies in a repository of the cluster and nobody has unloaded it: a fresh fleet answers
   * its first request without further ado.
   *
   * @throws ApiError as {@link #ready}
   */
  CompletionStage<ModelStatus> usable(String name, Optional<String> version) {
    checkNames(name, version);
    Optional<ModelStatus> model = control.model(name, version);
    boolean coming = model.isEmpty()
        || model.get().state() == ModelStatus.State.LOADING
        || model.get().state() == ModelStatus.State.UNLOADED && model.get().reason().isEmpty();
    return coming ? control.load(name, version) : CompletableFuture.completedFuture(ready(name, version));
  }

  /** @throws ApiError as {@link #known}, and 404 when it is not loaded, 503 while it loads, 500 when it could not be loaded */
  ModelStatus ready(String name, Optional<String> version) {
    ModelStatus model = known(name, version);
    String called = "model %s version %s".formatted(model.name(), model.version());
    return switch (model.state()) {
      case READY -> model;
      case UNLOADED -> throw ApiError.notFound("%s: not loaded (expected: POST /v2/repository/models/%s/load before)", called,
          model.name());
      case LOADING -> throw ApiError.later(503, Duration.ofSeconds(1), called + ": still loading", null);
      case FAILED -> throw ApiError.of(500, "%s: could not be loaded: %s", called, model.reason());
    };
  }
}
