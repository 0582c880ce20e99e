package dev.tilestream.postprocess;

import java.util.ArrayList;
import java.util.List;

/** From a detector's outputs to candidates, in pixels of its input. Each head as its authors read it. */
final class Heads {
  /** What is found in one picture: beyond it the confidence asked for says nothing. */
  private static final int MOST_CANDIDATES = 1_000_000;

  private final Postprocess how;
  private final double width;
  private final double height;
  private final List<Candidate> found = new ArrayList<>();

  /** @param width of the input, in pixels */
  Heads(Postprocess how, double width, double height) {
    this.how = how;
    this.width = width;
    this.height = height;
  }

  List<Candidate> found() {
    return found;
  }

  /** Takes the best class of a candidate. */
  private void add(Output scores, int first, int step, int classes, double factor, BoxAt box) {
    int best = -1;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      double score = c == how.background() ? Double.NEGATIVE_INFINITY : scores.at(first + c * step);
      if (score > most) {
        most = score;
        best = c;
      }
    }
    add(best, most * factor, box);
  }

  private void add(int index, double score, BoxAt box) {
    // Written so that NaN does not count.
    if (index < 0 || !(score >= how.confidence()) || found.size() == MOST_CANDIDATES) return;
    Box at = box.get();
    if (Double.isFinite(at.left() + at.top() + at.right() + at.bottom())) found.add(new Candidate(index, score, at));
  }

  private interface BoxAt {
    Box get();
  }

  void boxes(Output scores, Output boxes) {
    int[] s = scores.dims(2, "[1, candidates, classes]");
    int[] b = boxes.dims(2, "[1, candidates, 4]");
    if (b[1] != 4 || b[0] != s[0])
      throw new Unreadable("output %s: %s (expected: [1, %d, 4])".formatted(boxes.name(), boxes.shape(), s[0]));
    for (int i = 0; i < s[0]; i++) {
      int at = 4 * i;
      add(scores, i * s[1], 1, s[1], 1, () -> box(boxes.at(at), boxes.at(at + 1), boxes.at(at + 2), boxes.at(at + 3)));
    }
  }

  private Box box(double a, double b, double c, double d) {
    double x = how.relative() ? width : 1;
    double y = how.relative() ? height : 1;
    return how.corners() ? new Box(a * x, b * y, c * x, d * y) : Box.centred(a * x, b * y, c * x, d * y);
  }

  void yoloV5(Output all) {
    int[] d = all.dims(2, "[1, candidates, 5 + classes]");
    if (d[1] < 6) throw new Unreadable("output %s: %s (expected: [1, candidates, 5 + classes])".formatted(all.name(), all.shape()));
    for (int i = 0; i < d[0]; i++) {
      int at = i * d[1];
      double objectness = all.at(at + 4);
      if (!(objectness >= how.confidence())) continue;
      add(all, at + 5, 1, d[1] - 5, objectness, () -> Box.centred(all.at(at), all.at(at + 1), all.at(at + 2), all.at(at + 3)));
    }
  }

  void yoloV8(Output all) {
    int[] d = all.dims(2, "[1, 4 + classes, candidates]");
    if (d[0] < 5) throw new Unreadable("output %s: %s (expected: [1, 4 + classes, candidates])".formatted(all.name(), all.shape()));
    int n = d[1];
    for (int i = 0; i < n; i++) {
      int at = i;
      add(all, at + 4 * n, n, d[0] - 4, 1, () -> Box.centred(all.at(at), all.at(at + n), all.at(at + 2 * n), all.at(at + 3 * n)));
    }
  }

  /** Of FastestDet's own test: a cell's confidence is objectness^0.6 x class^0.4, its box relative to the grid and the input. */
  void fastestDet(Output all) {
    int[] d = all.dims(3, "[1, 5 + classes, height, width]");
    if (d[0] < 6) throw new Unreadable("output %s: %s (expected: [1, 5 + classes, height, width])".formatted(all.name(), all.shape()));
    int cells = d[1] * d[2];
    for (int cell = 0; cell < cells; cell++) {
      int best = 0;
      for (int c = 1; c < d[0] - 5; c++) if (all.at((5 + c) * cells + cell) > all.at((5 + best) * cells + cell)) best = c;
      double score = Math.pow(all.at(cell), 0.6) * Math.pow(all.at((5 + best) * cells + cell), 0.4);
      int at = cell;
      int column = cell % d[2];
      int row = cell / d[2];
      add(best, score, () -> Box.centred(
          (column + Math.tanh(all.at(cells + at))) / d[2] * width, (row + Math.tanh(all.at(2 * cells + at))) / d[1] * height,
          sigmoid(all.at(3 * cells + at)) * width, sigmoid(all.at(4 * cells + at)) * height));
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
