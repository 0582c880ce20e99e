package dev.tilestream.tensor.wire;

/** Bytes from outside are not a valid parcel. Names the field, what came and what was expected; nothing was allocated. */
public final class WireFormatException extends RuntimeException {
  private final String field;

  WireFormatException(String field, Object came, String expected) {
    super("parcel %s: %s (expected: %s)".formatted(field, came, expected));
    this.field = field;
  }

  /** The field that was refused, as {@link ParcelCodec}'s table names it. */
  public String field() {
    return field;
  }
}
