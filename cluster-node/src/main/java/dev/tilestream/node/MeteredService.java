package dev.tilestream.node;

import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.power.EnergyShares;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Counts what goes through, and what of this device's energy each inference took, where that is measured.
 *
 * @param joules drawn so far; empty where there is no sensor
 */
record MeteredService(InferenceService inner, NodeMetrics metrics, Supplier<OptionalDouble> joules, EnergyShares energy)
    implements InferenceService {
  @Override
  public CompletionStage<InferenceAnswer> infer(InferenceRequest request) {
    String model = request.model();
    OptionalDouble now = joules.get();
    OptionalDouble begun = now.isPresent() ? OptionalDouble.of(energy.begin(now.getAsDouble())) : OptionalDouble.empty();
    return inner.infer(request).handle((answer, failure) -> {
      OptionalDouble part = begun.isPresent() ? OptionalDouble.of(end(begun.getAsDouble())) : OptionalDouble.empty();
      if (failure != null) {
        metrics.failed(kind(failure));
        throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
      }
      metrics.answered(model, answer.strategy().word(), answer.latency().toNanos(), answer.bytesOverAir());
      answer.givenUp().forEach(metrics::givenUp);
      if (part.isEmpty() || Double.isNaN(part.getAsDouble())) return answer;
      metrics.energy(model, answer.strategy().word(), part.getAsDouble());
      return answer.withMeasured(part.getAsDouble());
    });
  }

  @Override
  public Optional<InferenceFailure> refusal(String model, String stream) {
    Optional<InferenceFailure> refusal = inner.refusal(model, stream);
    refusal.ifPresent(why -> metrics.failed(why.kind().name()));
    return refusal;
  }

  @Override
  public Duration toServe(int requests) {
    return inner.toServe(requests);
  }

  /** NaN when the sensors failed meanwhile. */
  private double end(double begun) {
    OptionalDouble now = joules.get();
    double part = energy.end(begun, now.orElse(0));
    return now.isPresent() ? part : Double.NaN;
  }

  private static String kind(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    return cause instanceof InferenceFailure f ? f.kind().name() : InferenceFailure.Kind.BROKEN.name();
  }
}
