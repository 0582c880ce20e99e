package dev.tilestream.fuzz;

import java.awt.Graphics2D;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small valid pictures of every kind that Java can write. */
final class Samples {
  private static final int[] PNG_TYPES = {
    BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_BYTE_GRAY,
    BufferedImage.TYPE_USHORT_GRAY, BufferedImage.TYPE_BYTE_INDEXED, BufferedImage.TYPE_BYTE_BINARY
  };
  private static final int[] JPEG_TYPES = {BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_BYTE_GRAY};

  private Samples() {}

  static byte[] png(Dice dice) {
    return encode("png", picture(dice, PNG_TYPES[dice.below(PNG_TYPES.length)]), dice.chance(0.3));
  }

  static byte[] jpeg(Dice dice) {
    return encode("jpeg", picture(dice, JPEG_TYPES[dice.below(JPEG_TYPES.length)]), dice.chance(0.4));
  }

  private static BufferedImage picture(Dice dice, int type) {
    BufferedImage image = new BufferedImage(dice.between(1, 40), dice.between(1, 40), type);
    Graphics2D pen = image.createGraphics();
    for (int i = 0; i < 4; i++) {
      pen.setColor(new Color(dice.between(0, 0xffffff)));
      pen.fillRect(dice.below(40), dice.below(40), dice.between(1, 20), dice.between(1, 20));
    }
    pen.dispose();
    return image;
  }

  /** @param progressive interlaced PNG, progressive JPEG */
  private static byte[] encode(String format, BufferedImage image, boolean progressive) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
