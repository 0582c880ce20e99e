package dev.tilestream.postprocess;

/** Outputs are not what the model's configuration says; the message has what came and what was expected. */
public final class Unreadable extends RuntimeException {
  Unreadable(String message) {
    super(message);
  }
}
