package dev.tilestream.picture;

/**
 * How large a picture may be; checked on the file's header before anything is decoded.
 *
 * @param pixels width x height
 */
public record PictureLimits(int side, long pixels) {
  /** About 16 megapixels: 64 MB while it is decoded. */
  public static final PictureLimits DEFAULT = new PictureLimits(16_384, 16_777_216);

  public PictureLimits {
    if (side < 1 || pixels < 1)
      throw new IllegalArgumentException("picture limits: side %d, %d pixels (expected: at least 1)".formatted(side, pixels));
  }
}
