package dev.tilestream.cli.demo;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;

/** What a robot in a warehouse might see: an aisle, shelves with boxes, another robot, and the noise of a camera. Drawn, not taken. */
public final class DemoPicture {
  private static final long SEED = 7;
  private static final int NOISE = 6;

  private DemoPicture() {}

  /** A PNG, the same picture at every call. */
  public static byte[] png(int width, int height) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.scale(width / 640.0, height / 448.0);
    Random random = new Random(SEED);
    room(g);
    for (boolean left : new boolean[] {true, false}) shelf(g, random, left);
    robot(g, 352, 300);
    g.dispose();
    noise(picture, random);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.setUseCache(false);
    ImageIO.write(picture, "png", png);
    return png.toByteArray();
  }

  private static void room(Graphics2D g) {
    g.setPaint(new GradientPaint(0, 0, new Color(70, 78, 92), 0, 190, new Color(168, 176, 182)));
    g.fill(new Rectangle2D.Double(0, 0, 640, 190));
    g.setPaint(new GradientPaint(0, 190, new Color(128, 122, 112), 0, 448, new Color(82, 78, 72)));
    g.fill(new Rectangle2D.Double(0, 190, 640, 258));
    g.setPaint(new Color(222, 190, 60));
    for (int side : new int[] {-1, 1})
      g.fill(quad(320 + side * 26, 196, 320 + side * 30, 196, 320 + side * 196, 448, 320 + side * 176, 448));
    g.setPaint(new Color(250, 248, 225));
    for (int i = 0; i < 4; i++)
      g.fill(quad(300 - i * 14, 20 + i * 34, 340 + i * 14, 20 + i * 34, 344 + i * 15, 26 + i * 36, 296 - i * 15, 26 + i * 36));
  }

  /** Boards run towards the vanishing point; a box is as large as its distance makes it. */
  private static void shelf(Graphics2D g, Random random, boolean left) {
    for (int bay = 6; bay >= 0; bay--) {
      double near = 1.0 / (1 + bay * 0.55);
      double far = 1.0 / (1 + (bay + 1) * 0.55);
      double x0 = 320 + (left ? -1 : 1) * 310 * near;
      double x1 = 320 + (left ? -1 : 1) * 310 * far;
      for (int level = 0; level < 4; level++) {
        double offset = -150 + level * 92;
        g.setPaint(new Color(52, 84, 136).darker());
        g.fill(quad(x0, 196 + offset * near, x1, 196 + offset * far, x1, 200 + offset * far, x0, 206 + offset * near));
        if (level == 3 || random.nextInt(5) == 0) continue;
        g.setPaint(new Color(130 + random.nextInt(90), 92 + random.nextInt(60), 50 + random.nextInt(40)));
        double inset = (x1 - x0) * 0.12;
        g.fill(quad(
            x0 + inset, 196 + (offset + 30) * near, x1 - inset, 196 + (offset + 30) * far,
            x1 - inset, 196 + (offset + 88) * far, x0 + inset, 196 + (offset + 88) * near));
      }
    }
  }

  private static void robot(Graphics2D g, double x, double y) {
    g.setPaint(new Color(0, 0, 0, 90));
    g.fill(new Ellipse2D.Double(x - 66, y + 44, 132, 26));
    g.setPaint(new GradientPaint((float) x - 50, 0, new Color(236, 112, 44), (float) x + 50, 0, new Color(166, 66, 22)));
    g.fill(new Rectangle2D.Double(x - 50, y - 20, 100, 70));
    g.setPaint(new Color(34, 36, 42));
    for (int side : new int[] {-46, 18}) g.fill(new Ellipse2D.Double(x + side, y + 32, 28, 28));
    g.fill(new Rectangle2D.Double(x - 8, y - 62, 16, 44));
    g.setPaint(new Color(90, 220, 240));
    g.fill(new Ellipse2D.Double(x - 14, y - 84, 28, 28));
  }

  private static Path2D quad(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) path.lineTo(xy[i], xy[i + 1]);
    path.closePath();
    return path;
  }

  private static void noise(BufferedImage picture, Random random) {
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int rgb = picture.getRGB(x, y);
        int grain = (int) Math.round(random.nextGaussian() * NOISE);
        picture.setRGB(x, y, clip((rgb >> 16 & 255) + grain) << 16 | clip((rgb >> 8 & 255) + grain) << 8 | clip((rgb & 255) + grain));
      }
    }
  }

  private static int clip(int value) {
    return Math.max(0, Math.min(255, value));
  }
}
