package dev.tilestream.postprocess;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How outputs are read: {@code postprocess} in a model's {@code config.json}.
 *
 * @param output name of the output; empty: the only one, or the first. Of {@code boxes}: that of the scores
 * @param boxes name of the output with boxes, of {@code boxes} alone
 * @param top classes that are told, of {@code classes}; default 5
 * @param softmax whether the numbers are logits still, of {@code classes}; default false
 * @param corners whether boxes are two corners, of {@code boxes}; default true; else centre and size
 * @param relative whether boxes are of the input's size, from 0 to 1, of {@code boxes}; default true; else pixels of it
 * @param background class that means nothing is there, of {@code boxes}; default none
 * @param confidence least score that counts; default 0.5
 * @param overlap of two boxes of a class, intersection over union, from which on the lesser goes; default 0.45
 * @param most boxes that are told; default 100
 */
public record Postprocess(
    Kind kind,
    String output,
    String boxes,
    Integer top,
    Boolean softmax,
    Boolean corners,
    Boolean relative,
    Integer background,
    Double confidence,
    Double overlap,
    Integer most) {
  private static final int MOST = 10_000;

  /** Heads of networks, by what their outputs look like; N candidates, C classes. */
  public enum Kind {
    /** [1, C] or [C]: scores of classes. */
    @JsonProperty("classes")
    CLASSES,
    /** Scores [1, N, C] and boxes [1, N, 4], as single-shot detectors have them. */
    @JsonProperty("boxes")
    BOXES,
    /** [1, N, 5 + C]: centre, size, objectness, classes; pixels of the input. YOLOv5 to v7, after their sigmoids. */
    @JsonProperty("yolov5")
    YOLO_V5,
    /** [1, 4 + C, N]: centre, size, classes; pixels of the input. YOLOv8 and later. */
    @JsonProperty("yolov8")
    YOLO_V8,
    /** [1, 5 + C, H, W]: objectness, box as FastestDet has it, classes. */
    @JsonProperty("fastestdet")
    FASTEST_DET
  }

  public Postprocess {
    if (kind == null) throw new IllegalArgumentException("kind: missing (expected: classes, boxes, yolov5, yolov8 or fastestdet)");
    output = output == null ? "" : output;
    boxes = boxes == null ? "" : boxes;
    if (kind == Kind.BOXES && (boxes.isEmpty() || output.isEmpty()))
      throw new IllegalArgumentException("boxes, output: \"%s\", \"%s\" (expected: the outputs with boxes and with scores)".formatted(boxes, output));
    top = within("top", top, 5, 1, MOST);
    softmax = softmax != null && softmax;
    corners = corners == null || corners;
    relative = relative == null || relative;
    background = within("background", background, -1, -1, Integer.MAX_VALUE);
    confidence = share("confidence", confidence, 0.5);
    overlap = share("overlap", overlap, 0.45);
    most = within("most", most, 100, 1, MOST);
  }

  /** The same of the output of that name. */
  public Postprocess of(String name) {
    return new Postprocess(kind, name, boxes, top, softmax, corners, relative, background, confidence, overlap, most);
  }

  private static Integer within(String field, Integer value, int otherwise, int least, int most) {
    int meant = value == null ? otherwise : value;
    if (meant < least || meant > most) throw new IllegalArgumentException("%s: %d (expected: %d to %d)".formatted(field, meant, least, most));
    return meant;
  }

  private static Double share(String field, Double value, double otherwise) {
    double meant = value == null ? otherwise : value;
    if (!(meant >= 0 && meant <= 1)) throw new IllegalArgumentException("%s: %s (expected: 0 to 1)".formatted(field, meant));
    return meant;
  }
}
