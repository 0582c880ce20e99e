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

  static HttpResponse error(int status, String message, Optional<Duration> retryAfter) {
    String shown = message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + "..." : message;
    HttpResponse response = json(status, json -> {
      json.writeStartObject();
      json.writeStringField("error", shown);
      json.writeEndObject();
    });
    if (retryAfter.isEmpty()) return response;
    long seconds = Math.max(1, (retryAfter.get().toMillis() + 999) / 1000);
    return response.addHeader(RawHeader.create("Retry-After", Long.toString(seconds)));
  }

  /** What a client is told about a failure; what is our fault is logged with its trace. */
  static HttpResponse failure(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) cause = cause.getCause();
    if (cause instanceof ApiError e) return error(e);
    if (cause instanceof InferenceFailure e) return inference(e);
    if (cause instanceof BufferPool.Exhausted e) return error(503, e.getMessage(), Optional.of(Duration.ofSeconds(1)));
    if (cause instanceof PictureFault e) return error(e.tooLarge() ? 413 : 400, e.getMessage(), Optional.empty());
    if (cause instanceof ModelConfig.Fault) return error(500, cause.getMessage(), Optional.empty());
    if (cause instanceof TimeoutException) return error(503, "this node is busy: " + cause.getMessage(), Optional.of(Duration.ofSeconds(1)));
    LOG.error("A request failed", cause);
    return error(500, "internal error: " + cause, Optional.empty());
  }

  private static HttpResponse error(ApiError e) {
    HttpResponse response = error(e.status(), e.getMessage(), e.retryAfter());
    return e.challenge().map(c -> response.addHeader(RawHeader.create("WWW-Authenticate", c))).orElse(response);
  }

  private static HttpResponse inference(InferenceFailure failure) {
    if (failure.kind() == InferenceFailure.Kind.BROKEN) LOG.error("An inference failed", failure);
    int status = switch (failure.kind()) {
      case BAD_REQUEST -> 400;
      case NOT_FOUND -> 404;
      case BUSY -> 503;
      case LATE -> 504;
      case BROKEN -> 500;
    };
    boolean later = failure.kind() == InferenceFailure.Kind.BUSY;
    return error(status, failure.getMessage(), later ? Optional.of(failure.retryAfter()) : Optional.empty());
  }
}
