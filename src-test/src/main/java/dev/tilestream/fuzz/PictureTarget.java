package dev.tilestream.fuzz;

import dev.tilestream.picture.PictureFault;
import dev.tilestream.picture.PictureInput;
import dev.tilestream.picture.PictureLimits;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import java.io.ByteArrayInputStream;
import java.time.Duration;

/** Pictures: JPEG and PNG become a model's input or a {@link PictureFault}, within memory that the limits on their size imply. */
final class PictureTarget implements FuzzTarget {
  private static final PictureLimits LIMITS = new PictureLimits(2048, 1 << 18);
  /** Java's reader makes objects of up to 180 bytes for a pixel of some kinds of PNG, and drops them at once. */
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(20), 256L << 18, 24, 256 << 20);
  private static final PictureInput INPUT = new PictureInput("x", 16, 12, null, null, null, null, PictureInput.Resize.LETTERBOX, null);

  private final BufferPool pool = BufferPool.bounded(1 << 20, 1 << 20);
  private final PicturePreprocessor preprocessor = new PicturePreprocessor(LIMITS);

  @Override
  public String word() {
    return "picture";
  }

  @Override
  public Bounds bounds() {
    return BOUNDS;
  }

  @Override
  public long nativeInUse() {
    return pool.inUse();
  }

  @Override
  public Trial draw(long seed) {
    Dice dice = new Dice(seed);
    boolean png = dice.chance(0.5);
    byte[] file = png ? Samples.png(dice) : Samples.jpeg(dice);
    if (dice.chance(0.7)) file = png ? new HostilePng(dice).hurt(file) : new HostileJpeg(dice).hurt(file);
    if (dice.chance(0.3)) file = dice.breakBytes(file, dice.chance(0.5) ? Samples.png(dice) : Samples.jpeg(dice));
    byte[] input = file;
    return new Trial(input, () -> read(input));
  }

  private String read(byte[] file) {
    try {
      preprocessor.prepare(new ByteArrayInputStream(file), INPUT, DataType.FLOAT32, 4, pool).tensor().release();
      return Trial.TAKEN;
    } catch (PictureFault e) {
      return e.tooLarge() ? "too large" : e.getCause() == null ? "refused" : e.getCause().getClass().getSimpleName();
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
