package dev.tilestream.postprocess;

/** A rectangle; {@code left <= right}, {@code top <= bottom}. */
public record Box(double left, double top, double right, double bottom) {
  static Box centred(double x, double y, double width, double height) {
    return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
  }

  /** Intersection over union; 0 for two without area. */
  double overlap(Box other) {
    double width = Math.min(right, other.right) - Math.max(left, other.left);
    double height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
    if (width <= 0 || height <= 0) return 0;
    double both = width * height;
    return both / (area() + other.area() - both);
  }

  private double area() {
    return (right - left) * (bottom - top);
  }

  /** Not beyond a picture of that size. */
  Box within(double width, double height) {
    return new Box(clip(left, width), clip(top, height), clip(right, width), clip(bottom, height));
  }

  private static double clip(double value, double most) {
    return Math.max(0, Math.min(most, value));
  }
}
