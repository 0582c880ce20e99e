package dev.tilestream.security;

/** A setting that was meant to make something safe and cannot: no start goes on without it. The message is one line for the user. */
public final class SecurityFault extends RuntimeException {
  public SecurityFault(String message) {
    super(message);
  }

  public SecurityFault(String message, Throwable cause) {
    super(message, cause);
  }
}
