package dev.tilestream.picture;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;

/**
 * A decoded picture.
 *
 * @param rgb rows from the top, three bytes a pixel; not copied
 */
record Pixels(int width, int height, byte[] rgb) {
  /** Of one pixel. */
  static final int BYTES = 3;

  static Pixels of(BufferedImage image) {
    Pixels pixels = new Pixels(image.getWidth(), image.getHeight(), new byte[Math.multiplyExact(BYTES, image.getWidth() * image.getHeight())]);
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR) pixels.takeBgr(image);
    else if (image.getType() == BufferedImage.TYPE_BYTE_GRAY) pixels.takeGray(image);
    else pixels.takeAny(image);
    return pixels;
  }

  private void takeBgr(BufferedImage image) {
    byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    int stride = ((PixelInterleavedSampleModel) image.getSampleModel()).getScanlineStride();
    for (int y = 0, to = 0; y < height; y++) {
      for (int x = 0, from = y * stride; x < width; x++, from += 3) {
        rgb[to++] = bgr[from + 2];
        rgb[to++] = bgr[from + 1];
        rgb[to++] = bgr[from];
      }
    }
  }

  /** Not by {@code getRGB}: Java takes gray files for linear light and would brighten them. */
  private void takeGray(BufferedImage image) {
    int[] row = new int[width];
    for (int y = 0, to = 0; y < height; y++) {
      image.getRaster().getSamples(0, y, width, 1, 0, row);
      for (int x = 0; x < width; x++, to += 3) rgb[to] = rgb[to + 1] = rgb[to + 2] = (byte) row[x];
    }
  }

  private void takeAny(BufferedImage image) {
    int[] row = new int[width];
    for (int y = 0, to = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        rgb[to++] = (byte) (argb >> 16);
        rgb[to++] = (byte) (argb >> 8);
        rgb[to++] = (byte) argb;
      }
    }
  }

  /** 0 is red, 1 green, 2 blue. */
  int at(int x, int y, int channel) {
    return rgb[(y * width + x) * 3 + channel] & 0xff;
  }
}
