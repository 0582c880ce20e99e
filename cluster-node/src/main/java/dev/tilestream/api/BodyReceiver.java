package dev.tilestream.api;

import akka.http.javadsl.coding.Coder;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.RequestEntity;
import akka.stream.ActorAttributes;
import akka.stream.Attributes;
import akka.stream.Materializer;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
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

  /** @param bodyOf makes the body from the number of its bytes, or {@link InferenceJsonReader#UNKNOWN}; may refuse */
  <T> CompletionStage<T> receive(HttpRequest request, LongFunction<Body<T>> bodyOf) {
    return receive(request, CompletableFuture.completedFuture(bodyOf));
  }

  /** @param coming what makes the body, once it is known; when it fails, so does the result */
  <T> CompletionStage<T> receive(HttpRequest request, CompletionStage<LongFunction<Body<T>>> coming) {
    RequestEntity entity = decode(request).entity();
    long length = entity.getContentLengthOption().orElse(InferenceJsonReader.UNKNOWN);
    CompletableFuture<Body<T>> body = coming.thenApply(bodyOf -> bodyOf.apply(length)).toCompletableFuture();
    if (body.isCompletedExceptionally() && !worthReading(request)) return body.thenApply(none -> null);
    return run(entity.getDataBytes(), body);
  }

  /** Fails with {@code refusal}, for a request whose body nobody has begun to read. */
  <T> CompletionStage<T> refuse(HttpRequest request, RuntimeException refusal) {
    if (!worthReading(request)) return CompletableFuture.failedFuture(refusal);
    return run(request.entity().getDataBytes(), CompletableFuture.<Body<T>>failedFuture(refusal));
  }

  /** A client that asks before it sends is not told to go on, and one that has very much to send is not waited for. */
  private static boolean worthReading(HttpRequest request) {
    boolean asks = request.getHeader("Expect").isPresent();
    return !asks && request.entity().getContentLengthOption().orElse(0) <= BodySink.LINGER;
  }

  /** A message of a stream, in pieces. */
  <T> CompletionStage<T> receive(Source<ByteString, ?> pieces, Body<T> body) {
    return run(pieces, CompletableFuture.completedFuture(body));
  }

  private <T> CompletionStage<T> run(Source<ByteString, ?> bytes, CompletionStage<Body<T>> body) {
    Sink<ByteString, CompletionStage<T>> sink = Sink.fromGraph(new BodySink<>(body, settings.bodyIdleTimeout(), settings.bodyLeastRate()));
    // Few chunks in between: what waits there is not in the budget.
    Attributes where = ActorAttributes.dispatcher(DISPATCHER).and(Attributes.inputBuffer(2, 2));
    return bytes.runWith(sink.withAttributes(where), materializer);
  }

  private static HttpRequest decode(HttpRequest request) {
    String encoding = request.getHeader("Content-Encoding")
        .map(header -> header.value().toLowerCase(java.util.Locale.ROOT)).orElse("identity");
    return switch (encoding) {
      case "identity" -> request;
      case "gzip" -> Coder.Gzip.decodeMessage(request);
      case "deflate" -> Coder.Deflate.decodeMessage(request);
      default -> throw ApiError.of(415, "Content-Encoding: %s (expected: gzip, deflate or none)", encoding);
    };
  }
}
