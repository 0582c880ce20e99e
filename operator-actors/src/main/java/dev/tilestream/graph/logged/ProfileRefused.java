package dev.tilestream.graph.logged;

/** A logged profile that can't be read or can't be made a graph of; the message says what came and what was expected. */
public final class ProfileRefused extends RuntimeException {
  public ProfileRefused(String message) {
    super(message);
  }

  public ProfileRefused(String message, Throwable cause) {
    super(message, cause);
  }
}
