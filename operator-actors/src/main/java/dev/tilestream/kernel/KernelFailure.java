package dev.tilestream.kernel;

/** A kernel could not be made or did not run: the message says for what and what the library said. */
public final class KernelFailure extends RuntimeException {
  public KernelFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
