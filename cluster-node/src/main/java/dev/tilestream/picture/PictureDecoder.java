package dev.tilestream.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** JPEG and PNG to pixels. The dimensions in the file's header are checked first, so that a small file cannot ask for large memory. */
final class PictureDecoder {
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final PictureLimits limits;

  PictureDecoder(PictureLimits limits) {
    this.limits = limits;
  }

  /** @throws PictureFault when it is neither, broken, truncated or too large */
  Pixels decode(InputStream picture) {
    try (InputStream in = picture) {
      byte[] start = in.readNBytes(PNG.length);
      String format = format(start);
      ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
      try (var stream = new MemoryCacheImageInputStream(new SequenceInputStream(new ByteArrayInputStream(start), in))) {
        return read(reader, stream, format);
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw new PictureFault("picture: not readable: " + e.getMessage(), e);
    }
  }

  private static String format(byte[] start) {
    if (startsWith(start, JPEG)) return "jpeg";
    if (startsWith(start, PNG)) return "png";
    throw new PictureFault("picture: neither JPEG nor PNG (expected: one of them)", null);
  }

  private static boolean startsWith(byte[] bytes, byte[] signature) {
    return bytes.length >= signature.length && Arrays.equals(bytes, 0, signature.length, signature, 0, signature.length);
  }

  private Pixels read(ImageReader reader, MemoryCacheImageInputStream stream, String format) throws IOException {
    boolean[] truncated = new boolean[1];
    // The JPEG reader fills what is missing with gray and only warns.
    reader.addIIOReadWarningListener((source, warning) -> truncated[0] |= warning.contains("EOI"));
    try {
      reader.setInput(stream, true, true);
      checkSize(reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      if (truncated[0]) throw new PictureFault("picture: %s is truncated".formatted(format), null);
      return Pixels.of(image);
    } catch (PictureFault e) {
      throw e;
    } catch (RuntimeException e) {
      // The readers meet broken files with whatever exception comes first.
      throw new PictureFault("picture: broken %s: %s".formatted(format, e), e);
    }
  }

  private void checkSize(int width, int height) {
    if (width < 1 || height < 1)
      throw new PictureFault("picture: %d x %d pixels (expected: at least 1 x 1)".formatted(width, height), null);
    if (width > limits.side() || height > limits.side() || (long) width * height > limits.pixels())
      throw PictureFault.tooLarge("picture: %d x %d pixels (expected: at most %d on a side and %d in all)"
          .formatted(width, height, limits.side(), limits.pixels()));
  }
}
