package dev.tilestream.graph.logged;

import dev.tilestream.tensor.Shape;
import java.util.List;

/**
 * One operator as the framework ran it.
 *
 * @param id position in {@link LoggedModel#operators}
 * @param op the framework's name of it
 * @param inputs ids whose results it was handed, views and overwritten values among them
 * @param reads ids whose results it reads; null where the geometry was not worked out
 * @param shapes of what it makes; none where it makes no tensor of its own
 * @param kind null where the geometry was not worked out
 * @param rowAxis axis that rows are counted along; -1 when it has none
 * @param dataDependent whether the shapes are those of one input and others for another
 * @param robotMillis on the robot
 * @param serverMillis on the server; NaN where that was not logged
 */
public record LoggedOperator(
    int id,
    String op,
    List<Integer> inputs,
    List<Integer> reads,
    List<Shape> shapes,
    Kind kind,
    int rowAxis,
    LoggedWindow window,
    boolean dataDependent,
    double robotMillis,
    double serverMillis) {
  /** What the log's reader worked out. */
  public enum Kind {
    LOCAL,
    GLOBAL,
    SHAPE_ONLY
  }

  /** The operator that stands for the model's input. */
  static final String START = "_start";

  /** The operator that stands for the model's output. */
  static final String END = "_end";

  public LoggedOperator {
    inputs = List.copyOf(inputs);
    reads = reads == null ? null : List.copyOf(reads);
    shapes = List.copyOf(shapes);
  }

  /** Whether it writes over what it is handed first. */
  boolean inPlace() {
    return sets() || op.endsWith("_") && !op.endsWith("__");
  }

  /** Whether it writes over a part of what it is handed first. */
  boolean sets() {
    return op.equals("__setitem__");
  }
}
