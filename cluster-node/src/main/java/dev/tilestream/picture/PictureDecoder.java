package dev.tilestream.picture;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.SampleModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.function.Function;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** JPEG and PNG to pixels. The dimensions in the file's header are checked first, so that a small file cannot ask for large memory. */
final class PictureDecoder {
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final PictureLimits limits;
  private final PictureMemory memory;

  PictureDecoder(PictureLimits limits, PictureMemory memory) {
    this.limits = limits;
    this.memory = memory;
  }

  /**
   * @param use what becomes of the pixels; their memory is claimed until it returns
   * @throws PictureFault when it is neither, broken, truncated or too large
   */
  <T> T decode(InputStream picture, Function<Pixels, T> use) {
    try (InputStream in = picture) {
      byte[] start = in.readNBytes(PNG.length);
      String format = format(start);
      ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
      try (var stream = new MemoryCacheImageInputStream(format.equals("png") ? new NeededChunks(whole) : new FewScans(whole))) {
        return read(reader, stream, format, use);
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw new PictureFault("picture: not readable: " + reason(e), e);
    }
  }

  /** What the readers met is behind what they were doing. */
  private static String reason(IOException e) {
    Throwable cause = e instanceof IIOException ? e.getCause() : null;
    return cause == null || cause.getMessage() == null ? e.getMessage() : cause.getMessage();
  }

  private static String format(byte[] start) {
    if (startsWith(start, JPEG)) return "jpeg";
    if (startsWith(start, PNG)) return "png";
    throw new PictureFault("picture: neither JPEG nor PNG (expected: one of them)", null);
  }

  private static boolean startsWith(byte[] bytes, byte[] signature) {
    return bytes.length >= signature.length && Arrays.equals(bytes, 0, signature.length, signature, 0, signature.length);
  }

  private <T> T read(ImageReader reader, MemoryCacheImageInputStream stream, String format, Function<Pixels, T> use) throws IOException {
    reader.setInput(stream, true, true);
    long bytes = guarded(format, () -> bytes(reader));
    try (PictureMemory.Claim held = memory.claim(bytes)) {
      return use.apply(guarded(format, () -> pixels(reader, format)));
    }
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  /** The readers meet broken files with whatever exception comes first. */
  private static <T> T guarded(String format, Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (PictureFault e) {
      throw e;
    } catch (RuntimeException e) {
      throw new PictureFault("picture: broken %s: %s".formatted(format, e), e);
    }
  }

  /** Of heap that decoding takes: the picture as the reader makes it, and as we do. */
  private long bytes(ImageReader reader) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    checkSize(width, height);
    SampleModel samples = reader.getImageTypes(0).next().getSampleModel();
    int theirs = samples.getNumDataElements() * DataBuffer.getDataTypeSize(samples.getDataType()) / Byte.SIZE;
    return (long) width * height * (theirs + Pixels.BYTES);
  }

  private static Pixels pixels(ImageReader reader, String format) throws IOException {
    boolean[] truncated = new boolean[1];
    // The JPEG reader fills what is missing with gray and only warns.
    reader.addIIOReadWarningListener((source, warning) -> truncated[0] |= warning.contains("EOI"));
    BufferedImage image = reader.read(0);
    if (truncated[0]) throw new PictureFault("picture: %s is truncated".formatted(format), null);
    return Pixels.of(image);
  }

  private void checkSize(int width, int height) {
    if (width < 1 || height < 1)
      throw new PictureFault("picture: %d x %d pixels (expected: at least 1 x 1)".formatted(width, height), null);
    if (width > limits.side() || height > limits.side() || (long) width * height > limits.pixels())
      throw PictureFault.tooLarge("picture: %d x %d pixels (expected: at most %d on a side and %d in all)"
          .formatted(width, height, limits.side(), limits.pixels()));
  }
}
