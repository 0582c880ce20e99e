package dev.tilestream.node;

import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Counts what goes through. */
record MeteredService(InferenceService inner, NodeMetrics metrics) implements InferenceService {
  @Override
  public CompletionStage<InferenceAnswer> infer(InferenceRequest request) {
    String model = request.model();
    return inner.infer(request).whenComplete((answer, failure) -> {
      if (failure == null) metrics.answered(model, answer.strategy().word(), answer.latency().toNanos(), answer.bytesOverAir());
      else metrics.failed(kind(failure));
    });
  }

  private static String kind(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    return cause instanceof InferenceFailure f ? f.kind().name() : InferenceFailure.Kind.BROKEN.name();
  }
}
