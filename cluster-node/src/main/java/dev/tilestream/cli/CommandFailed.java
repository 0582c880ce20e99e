package dev.tilestream.cli;

/** What was asked for cannot be done, and why; the program says so in one line and ends with status 1. */
public final class CommandFailed extends RuntimeException {
  public CommandFailed(String message) {
    super(message);
  }

  public CommandFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
