package dev.tilestream.api;

import akka.NotUsed;
import akka.http.javadsl.model.AttributeKeys;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.ws.BinaryMessage;
import akka.http.javadsl.model.ws.Message;
import akka.http.javadsl.model.ws.WebSocketUpgrade;
import akka.japi.Pair;
import akka.stream.Materializer;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.stream.javadsl.SourceQueueWithComplete;
import akka.util.ByteString;
import dev.tilestream.scheduler.ModelStatus;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code GET .../stream}: a WebSocket that takes a camera's frames and gives their answers. Binary messages are frames; the text message
 * {@code end} asks for the last answers and the figures.
 */
final class StreamHttp {
  private static final String END = "end";
  private static final int LONGEST_TEXT = 64;

  private final FrameStream.Shared shared;
  private final ApiSettings settings;
  private final Models models;
  private final BodyReceiver receiver;
  private final Materializer materializer;
  private final Set<FrameStream> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger streams = new AtomicInteger();

  StreamHttp(FrameStream.Shared shared, ApiSettings settings, BodyReceiver receiver, Materializer materializer) {
    this.shared = shared;
    this.settings = settings;
    this.receiver = receiver;
    this.materializer = materializer;
    models = new Models(shared.backend().models());
  }

  CompletionStage<HttpResponse> open(HttpRequest request, String name, Optional<String> version) {
    checkOrigin(request);
    StreamOptions options = StreamOptions.read(request.getUri(), settings.longestDeadline());
    return models.usable(name, version).thenApply(model -> upgraded(request, model, options));
  }

  /** Last of all whether it is a handshake: what else is wrong is told to those who ask plainly, since a refused handshake shows no reason. */
  private HttpResponse upgraded(HttpRequest request, ModelStatus model, StreamOptions options) {
    if (streams.get() >= settings.maxStreams()) throw tooMany();
    WebSocketUpgrade upgrade = request.getAttribute(AttributeKeys.webSocketUpgrade)
        .orElseThrow(() -> ApiError.of(426, "%s (expected: a WebSocket handshake)", request.getUri().path()));
    if (streams.incrementAndGet() > settings.maxStreams()) {
      streams.decrementAndGet();
      throw tooMany();
    }
    return upgrade.handleMessagesWith(flow(model, options));
  }

  private ApiError tooMany() {
    return ApiError.later(429, settings.stopTimeout(), "%d streams are open (expected: fewer)".formatted(settings.maxStreams()), null);
  }

  /** A page of somebody else's, in a browser of this network, must not look through our cameras. Programs send no origin. */
  private static void checkOrigin(HttpRequest request) {
    String origin = request.getHeader("Origin").map(akka.http.javadsl.model.HttpHeader::value).orElse("");
    String host = request.getHeader("Host").map(akka.http.javadsl.model.HttpHeader::value).orElse("");
    if (origin.isEmpty() || authority(origin).equals(host)) return;
    throw ApiError.of(403, "Origin: %s (expected: none, or a page of %s)", origin, host);
  }

  private static String authority(String origin) {
    try {
      return String.valueOf(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private Flow<Message, Message, NotUsed> flow(ModelStatus model, StreamOptions options) {
    Pair<SourceQueueWithComplete<Message>, Source<Message, NotUsed>> out =
        Source.<Message>queue(1, OverflowStrategy.backpressure(), StreamOptions.MOST + 1).preMaterialize(materializer);
    FrameStream stream = new FrameStream(shared, model, options, out.first());
    open.add(stream);
    out.first().watchCompletion().whenComplete((done, failure) -> {
      streams.decrementAndGet();
      open.remove(stream);
      stream.gone();
    });
    Sink<Message, NotUsed> in = Flow.<Message>create()
        .mapAsync(1, message -> received(stream, message))
        .to(Sink.ignore());
    return Flow.fromSinkAndSourceCoupled(in, out.second());
  }

  private CompletionStage<Boolean> received(FrameStream stream, Message message) {
    CompletionStage<Boolean> taken = message.isText()
        ? text(message).thenApply(text -> control(stream, text))
        : whole(message.asBinaryMessage()).thenApply(bytes -> frame(stream, bytes));
    return taken.exceptionally(failure -> {
      stream.refuse(failure);
      return false;
    });
  }

  private static boolean frame(FrameStream stream, ByteString bytes) {
    stream.frame(bytes);
    return true;
  }

  private CompletionStage<String> text(Message message) {
    if (message.asTextMessage().isStrict()) return CompletableFuture.completedFuture(message.asTextMessage().getStrictText());
    return message.asTextMessage().getStreamedText()
        .limitWeighted(LONGEST_TEXT, text -> (long) text.length())
        .completionTimeout(settings.bodyIdleTimeout())
        .runFold("", String::concat, materializer)
        .exceptionally(failure -> {
          throw ApiError.badRequest("text message: longer than %d characters, or not ended in time (expected: \"%s\")", LONGEST_TEXT, END);
        });
  }

  private static boolean control(FrameStream stream, String text) {
    if (!text.equals(END))
      throw ApiError.badRequest("text message of %d characters (expected: binary messages, or \"%s\")", text.length(), END);
    stream.end();
    return true;
  }

  private CompletionStage<ByteString> whole(BinaryMessage message) {
    if (!message.isStrict())
      return receiver.receive(message.getStreamedData(), new CollectedBody<>(receiver.budget(), settings.maxPicture(), frame -> frame));
    ByteString frame = message.getStrictData();
    if (frame.size() > settings.maxPicture()) return CompletableFuture.failedFuture(tooLarge(frame.size()));
    return CompletableFuture.completedFuture(frame);
  }

  private ApiError tooLarge(int bytes) {
    return ApiError.tooLarge("frame: %d bytes (expected: at most %d)", bytes, settings.maxPicture());
  }

  /** {@code GET /api/streams}. */
  HttpResponse streams() {
    return Responses.json(200, json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("streams");
      for (FrameStream stream : open) stream.write(json);
      json.writeEndArray();
      json.writeEndObject();
    });
  }
}
