package dev.tilestream.picture;

/**
 * Where a picture lies in a model's input. Point (x, y) of the picture is (x * scaleX + offsetX, y * scaleY + offsetY) of the input.
 *
 * @param width of the picture as it came, in pixels
 * @param height likewise
 */
public record Placement(int width, int height, double scaleX, double scaleY, double offsetX, double offsetY) {
  /** Of a picture that is the input. */
  public static Placement whole(int width, int height) {
    return new Placement(width, height, 1, 1, 0, 0);
  }

  /** Where column {@code x} of the input lies in the picture. */
  public double pictureX(double x) {
    return (x - offsetX) / scaleX;
  }

  /** Where row {@code y} of the input lies in the picture. */
  public double pictureY(double y) {
    return (y - offsetY) / scaleY;
  }
}
