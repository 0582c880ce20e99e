package dev.tilestream.picture;

/** A picture that cannot be read or is too large; the message says what came and what is expected. */
public final class PictureFault extends IllegalArgumentException {
  private final boolean tooLarge;

  PictureFault(String message, Throwable cause) {
    this(message, false, cause);
  }

  private PictureFault(String message, boolean tooLarge, Throwable cause) {
    super(message, cause);
    this.tooLarge = tooLarge;
  }

  static PictureFault tooLarge(String message) {
    return new PictureFault(message, true, null);
  }

  /** Whether it is only its size that is refused. */
  public boolean tooLarge() {
    return tooLarge;
  }
}
