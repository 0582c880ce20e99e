package dev.tilestream.client;

/** A node refused, failed or did not answer. */
public final class NodeFailure extends RuntimeException {
  private final int status;

  NodeFailure(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** HTTP status; 0 when there was no answer. */
  public int status() {
    return status;
  }
}
