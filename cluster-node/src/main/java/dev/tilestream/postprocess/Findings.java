package dev.tilestream.postprocess;

import java.util.List;

/**
 * What was read from a model's outputs: the best first.
 *
 * @param ranked whether these are classes of the whole, not detections
 */
public record Findings(boolean ranked, List<Ranked> classes, List<Detection> detections) {
  /** Where nobody said how to read them. */
  public static final Findings NONE = new Findings(true, List.of(), List.of());

  public Findings {
    classes = List.copyOf(classes);
    detections = List.copyOf(detections);
  }

  /**
   * A class and its score.
   *
   * @param label empty where the configuration has none
   */
  public record Ranked(int index, String label, double score) {}

  /**
   * Something in a picture.
   *
   * @param label empty where the configuration has none
   * @param box its left, upper, right and lower edge, in pixels of the picture as it came, or of the model's input where no picture came
   */
  public record Detection(int index, String label, double score, Box box) {}
}
