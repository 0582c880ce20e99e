package dev.tilestream.api;

import java.time.Duration;
import java.util.Optional;

/** A request that is not served, and why: becomes {@code {"error": message}} with that status. */
final class ApiError extends RuntimeException {
  private final int status;
  private final Optional<Duration> retryAfter;
  private final Optional<String> challenge;

  private ApiError(int status, String message, Optional<Duration> retryAfter, Optional<String> challenge, Throwable cause) {
    super(message, cause);
    this.status = status;
    this.retryAfter = retryAfter;
    this.challenge = challenge;
  }

  private ApiError(int status, String message, Optional<Duration> retryAfter, Throwable cause) {
    this(status, message, retryAfter, Optional.empty(), cause);
  }

  /** 400: the message says which part, what came and what was expected. */
  static ApiError badRequest(String message, Object... arguments) {
    return new ApiError(400, message.formatted(arguments), Optional.empty(), null);
  }

  static ApiError notFound(String message, Object... arguments) {
    return new ApiError(404, message.formatted(arguments), Optional.empty(), null);
  }

  /** 413. */
  static ApiError tooLarge(String message, Object... arguments) {
    return new ApiError(413, message.formatted(arguments), Optional.empty(), null);
  }

  /** 401. @param challenge how to come back: the header {@code WWW-Authenticate} */
  static ApiError unauthorized(String challenge, String message) {
    return new ApiError(401, message, Optional.empty(), Optional.of(challenge), null);
  }

  /** Any status. */
  static ApiError of(int status, String message, Object... arguments) {
    return new ApiError(status, message.formatted(arguments), Optional.empty(), null);
  }

  /** 429 or 503: the same request may be served later. */
  static ApiError later(int status, Duration retryAfter, String message, Throwable cause) {
    return new ApiError(status, message, Optional.of(retryAfter), cause);
  }

  int status() {
    return status;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  Optional<String> challenge() {
    return challenge;
  }
}
