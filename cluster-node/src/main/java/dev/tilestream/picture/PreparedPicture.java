package dev.tilestream.picture;

import dev.tilestream.tensor.TensorSlice;

/**
 * A model's input made of a picture. Point (x, y) of the picture is (x * scaleX + offsetX, y * scaleY + offsetY) of the input.
 *
 * @param tensor owned by the receiver, who releases it
 * @param width of the picture as it came, in pixels
 * @param height likewise
 */
public record PreparedPicture(TensorSlice tensor, int width, int height, double scaleX, double scaleY, double offsetX, double offsetY) {
  /** Where column {@code x} of the input lies in the picture. */
  public double pictureX(double x) {
    return (x - offsetX) / scaleX;
  }

  /** Where row {@code y} of the input lies in the picture. */
  public double pictureY(double y) {
    return (y - offsetY) / scaleY;
  }
}
