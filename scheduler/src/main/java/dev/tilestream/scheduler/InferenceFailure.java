package dev.tilestream.scheduler;

import java.time.Duration;

/** Why there is no answer; completes the future exceptionally. Faces turn the kind into a status. */
public final class InferenceFailure extends RuntimeException {
  /** What a client can do about it. */
  public enum Kind {
    /** The request is wrong: 400. */
    BAD_REQUEST,
    /** No such model or version: 404. */
    NOT_FOUND,
    /** Queue or memory is full now: 503 with Retry-After. */
    BUSY,
    /** The deadline passed: 504. */
    LATE,
    /** A bug or a broken kernel: 500. */
    BROKEN
  }

  private final Kind kind;
  private final Duration retryAfter;

  public InferenceFailure(Kind kind, String message) {
    this(kind, message, Duration.ofSeconds(1), null);
  }

  public InferenceFailure(Kind kind, String message, Duration retryAfter, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  /** Too much is to be done now; it makes sense to ask again after {@code retryAfter}. */
  public static InferenceFailure busy(String message, Duration retryAfter) {
    return new InferenceFailure(Kind.BUSY, message, retryAfter, null);
  }

  public Kind kind() {
    return kind;
  }

  /** When trying again makes sense; for {@link Kind#BUSY}. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
