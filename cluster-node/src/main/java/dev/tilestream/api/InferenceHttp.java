package dev.tilestream.api;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.ModelStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/** {@code POST .../infer}: receives tensors or a picture, hands them to the service, and writes the answer. */
final class InferenceHttp {
  static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  /** JSON, perhaps with binary tensors: as it is called, and as clients call what they are not told the type of. */
  private static final Set<String> TENSORS =
      Set.of("application/json", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain", "none/none");

  private final ApiBackend backend;
  private final ApiSettings settings;
  private final Models models;
  private final BodyReceiver receiver;
  private final FrameReader reader;
  private final Executor blocking;
  private final AtomicInteger inFlight = new AtomicInteger();

  InferenceHttp(ApiBackend backend, ApiSettings settings, BodyReceiver receiver, FrameReader reader, Executor blocking) {
    this.backend = backend;
    this.settings = settings;
    this.receiver = receiver;
    this.reader = reader;
    this.blocking = blocking;
    models = new Models(backend.models());
  }

  /** Requests being received, computed or answered now. */
  int inFlight() {
    return inFlight.get();
  }

  CompletionStage<HttpResponse> infer(HttpRequest request, String name, Optional<String> version) {
    if (inFlight.incrementAndGet() > settings.maxInFlight()) {
      inFlight.decrementAndGet();
      throw ApiError.later(429, backend.service().toServe(settings.maxInFlight()), "%d requests are being served (expected: fewer)"
          .formatted(settings.maxInFlight()), null);
    }
    try {
      CompletionStage<ModelStatus> model = models.usable(name, version);
      return receive(request, model)
          .thenCompose(submission -> model.thenCompose(usable -> serve(submission, usable)))
          .whenComplete((response, failure) -> inFlight.decrementAndGet());
    } catch (RuntimeException e) {
      inFlight.decrementAndGet();
      throw e;
    }
  }

  private CompletionStage<Submission> receive(HttpRequest request, CompletionStage<ModelStatus> model) {
    String type = request.entity().getContentType().mediaType().toString();
    if (type.equals("image/jpeg") || type.equals("image/png")) return picture(request, model);
    if (!TENSORS.contains(type) && !type.endsWith("+json"))
      throw ApiError.of(
          415, "Content-Type: %s (expected: application/json, application/octet-stream with binary tensors, image/jpeg or image/png)", type);
    long jsonLength = jsonLength(request);
    if (jsonLength == 0) return raw(request, model);
    return receiver.receive(request, model.<LongFunction<Body<Submission>>>thenApply(
        usable -> length -> new InferenceBody(usable, backend, receiver.budget(), settings, reader, jsonLength, length)));
  }

  private static long jsonLength(HttpRequest request) {
    Optional<String> header = request.getHeader(HEADER_LENGTH).map(akka.http.javadsl.model.HttpHeader::value);
    if (header.isEmpty()) return InferenceBody.ALL;
    if (!header.get().matches("0|[1-9][0-9]{0,9}"))
      throw ApiError.badRequest("%s: %s (expected: the number of bytes of JSON; 0: the body is the only input)", HEADER_LENGTH, header.get());
    return Long.parseLong(header.get());
  }

  /** Who sends no JSON gets outputs as bytes, too. */
  private CompletionStage<Submission> raw(HttpRequest request, CompletionStage<ModelStatus> model) {
    RequestOptions options = QueryOptions.read(request.getUri(), settings.longestDeadline()).withBinaryOutputs(true);
    return receiver.receive(request, model.<LongFunction<Body<Submission>>>thenApply(
        usable -> length -> new RawBody(usable, backend.pool(), settings, options, length)));
  }

  private CompletionStage<HttpResponse> serve(Submission submission, ModelStatus model) {
    AnswerWriter writer;
    Optional<Duration> deadline;
    try {
      deadline = backend.deadline(submission.options(), model);
      OutputMeaning meaning = backend.meaning(model, submission.placement());
      writer = new AnswerWriter(model.name(), submission.id(), submission.options(), submission.outputs(), meaning);
    } catch (RuntimeException e) {
      submission.release();
      throw e;
    }
    InferenceRequest request = submission.toRequest(model, deadline);
    CompletionStage<InferenceAnswer> answer = backend.service().infer(request);
    return answer.thenApplyAsync(writer::write, blocking);
  }

  private CompletionStage<Submission> picture(HttpRequest request, CompletionStage<ModelStatus> model) {
    RequestOptions options = QueryOptions.read(request.getUri(), settings.longestDeadline());
    return receiver.receive(request, model.<LongFunction<Body<Submission>>>thenApply(usable -> length -> {
      if (length > settings.maxPicture())
        throw ApiError.tooLarge("picture: %d bytes (expected: at most %d)", length, settings.maxPicture());
      return new CollectedBody<>(receiver.budget(), settings.maxPicture(), file -> reader.picture(file, usable, options));
    }));
  }
}
