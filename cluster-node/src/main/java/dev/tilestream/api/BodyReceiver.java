package dev.tilestream.api;

import akka.http.javadsl.coding.Coder;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.RequestEntity;
import akka.stream.ActorAttributes;
import akka.stream.Materializer;
import akka.stream.javadsl.Sink;
import akka.util.ByteString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;

/** Reads request bodies on the dispatcher that may be held up; none waits for longer than allowed for its client. */
final class BodyReceiver {
  static final String DISPATCHER = "tilestream.api.blocking-dispatcher";

  private final Materializer materializer;
  private final ApiSettings settings;
  private final HeapBudget budget;

  BodyReceiver(Materializer materializer, ApiSettings settings) {
    this.materializer = materializer;
    this.settings = settings;
    budget = new HeapBudget(settings.heapForBodies());
  }

  HeapBudget budget() {
    return budget;
  }

  /**
   * @param bodyOf makes the body from the number of its bytes, or {@link InferenceJsonReader#UNKNOWN}; may refuse
   */
  <T> CompletionStage<T> receive(HttpRequest request, LongFunction<Body<T>> bodyOf) {
    RequestEntity entity = decode(request).entity();
    return run(entity, bodyOf.apply(entity.getContentLengthOption().orElse(InferenceJsonReader.UNKNOWN)));
  }

  /**
   * Fails with {@code refusal} at once, and drops what the client is still sending. One that asks before it sends is not told to go on.
   */
  <T> CompletionStage<T> refuse(HttpRequest request, RuntimeException refusal) {
    if (request.getHeader("Expect").isEmpty()) run(request.entity(), new RefusedBody<T>(refusal));
    return CompletableFuture.failedFuture(refusal);
  }

  private <T> CompletionStage<T> run(RequestEntity entity, Body<T> body) {
    Sink<ByteString, CompletionStage<T>> sink = Sink.fromGraph(new BodySink<>(body));
    return entity.getDataBytes()
        .mapMaterializedValue(ignored -> akka.NotUsed.getInstance())
        .idleTimeout(settings.bodyIdleTimeout())
        .runWith(sink.withAttributes(ActorAttributes.dispatcher(DISPATCHER)), materializer);
  }

  /** A body that nobody wants. */
  private record RefusedBody<T>(RuntimeException refusal) implements Body<T> {
    @Override
    public void accept(ByteString chunk) {
      throw refusal;
    }

    @Override
    public T finish() {
      throw refusal;
    }

    @Override
    public void abandon() {}
  }

  private static HttpRequest decode(HttpRequest request) {
    String encoding = request.getHeader("Content-Encoding").map(header -> header.value().toLowerCase(java.util.Locale.ROOT)).orElse("identity");
    return switch (encoding) {
      case "identity" -> request;
      case "gzip" -> Coder.Gzip.decodeMessage(request);
      case "deflate" -> Coder.Deflate.decodeMessage(request);
      default -> throw ApiError.of(415, "Content-Encoding: %s (expected: gzip, deflate or none)", encoding);
    };
  }
}
