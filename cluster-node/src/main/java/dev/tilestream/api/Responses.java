package dev.tilestream.api;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.picture.PictureFault;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.tensor.BufferPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers as JSON, and failures as {@code {"error": "..."}} with their status. */
final class Responses {
  private static final Logger LOG = LoggerFactory.getLogger(Responses.class);
  private static final int LONGEST_MESSAGE = 2000;

  private Responses() {}

  /** Writes JSON; over memory, so it does not fail. */
  interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  static ByteString bytes(Writer writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = Json.FACTORY.createGenerator(out)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.fromArrayUnsafe(out.toByteArray());
  }

  static HttpResponse json(int status, Writer writer) {
    return HttpResponse.create().withStatus(StatusCodes.get(status)).withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON,
        bytes(writer)));
  }

  private static String shown(String message) {
    if (message == null) return "no reason given";
    return message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + "..." : message;
  }

  static HttpResponse error(int status, String message, Optional<Duration> retryAfter) {
    String shown = shown(message);
    HttpResponse response = json(status, json -> {
      json.writeStartObject();
      json.writeStringField("error", shown);
      json.writeEndObject();
    });
    if (retryAfter.isEmpty()) return response;
    long seconds = Math.max(1, (retryAfter.get().toMillis() + 999) / 1000);
    return response.addHeader(RawHeader.create("Retry-After", Long.toString(seconds)));
  }

  /** What a client is told about a failure. */
  record Refusal(int status, String message, Optional<Duration> retryAfter, Optional<String> challenge) {
    Refusal {
      message = shown(message);
    }

    Refusal(int status, String message, Optional<Duration> retryAfter) {
      this(status, message, retryAfter, Optional.empty());
    }
  }

  static HttpResponse failure(Throwable thrown) {
    Refusal refusal = refusal(thrown);
    HttpResponse response = error(refusal.status, refusal.message, refusal.retryAfter);
    return refusal.challenge.map(c -> response.addHeader(RawHeader.create("WWW-Authenticate", c))).orElse(response);
  }

  /** What is our fault is logged with its trace. */
  static Refusal refusal(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) cause = cause.getCause();
    Optional<Duration> soon = Optional.of(Duration.ofSeconds(1));
    if (cause instanceof ApiError e) return new Refusal(e.status(), e.getMessage(), e.retryAfter(), e.challenge());
    if (cause instanceof InferenceFailure e) return inference(e);
    if (cause instanceof BufferPool.Exhausted e) return new Refusal(503, e.getMessage(), soon);
    if (cause instanceof PictureFault e) return new Refusal(e.tooLarge() ? 413 : 400, e.getMessage(), Optional.empty());
    if (cause instanceof ModelConfig.Fault) return new Refusal(500, cause.getMessage(), Optional.empty());
    if (cause instanceof TimeoutException) return new Refusal(503, "this node is busy: " + cause.getMessage(), soon);
    LOG.error("A request failed", cause);
    return new Refusal(500, "internal error: " + cause, Optional.empty());
  }

  private static Refusal inference(InferenceFailure failure) {
    if (failure.kind() == InferenceFailure.Kind.BROKEN) LOG.error("An inference failed", failure);
    int status = switch (failure.kind()) {
      case BAD_REQUEST -> 400;
      case NOT_FOUND -> 404;
      case BUSY -> 503;
      case LATE -> 504;
      case BROKEN -> 500;
    };
    boolean later = failure.kind() == InferenceFailure.Kind.BUSY;
    return new Refusal(status, failure.getMessage(), later ? Optional.of(failure.retryAfter()) : Optional.empty());
  }
}
