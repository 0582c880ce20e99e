package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.Tensor;

/**
 * What a Resize or Upsample does along the split axis, in the single precision in which ONNX Runtime works: where an output row lies
 * between input rows, and with which weights.
 *
 * @param scale of the split axis
 * @param bySizes whether the operator was told sizes rather than scales
 * @param roiStart region of interest along the split axis, only for {@code tf_crop_and_resize}
 */
record Resampling(
    String mode,
    String coordinates,
    boolean antialias,
    boolean excludeOutside,
    float cubicA,
    float extrapolation,
    float scale,
    boolean bySizes,
    int inputRows,
    int outputRows,
    float roiStart,
    float roiEnd) {

  /** Input rows, clamped to those that exist, and their weights; no rows where the extrapolation value stands. */
  record Taps(int[] rows, float[] weights) {}

  static Resampling of(BandWriter w, Operator operator) {
    NodeAttributes a = NodeAttributes.of(operator.node());
    Tensor in = w.graph().tensor(operator.inputs().get(0));
    Tensor out = w.graph().tensor(OperatorForms.output(operator));
    boolean old = operator.type().equals("Upsample") || w.opset() < 11;
    String coordinates = a.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    float[] roi = coordinates.equals("tf_crop_and_resize") ? region(w, operator, a, in) : new float[] {0, 1};
    boolean bySizes = !a.has("scales") && scalesInput(w, operator, old) < 0;
    return new Resampling(
        a.text("mode", "nearest"), coordinates, a.integer("antialias", 0) == 1, a.integer("exclude_outside", 0) == 1,
        a.real("cubic_coeff_a", -0.75f), a.real("extrapolation_value", 0), scale(w, operator, a, old, in, out), bySizes,
        in.rows(), out.rows(), roi[0], roi[1]);
  }

  /** Tensor that holds the scales, -1 when sizes are given or an attribute has them. */
  private static int scalesInput(BandWriter w, Operator operator, boolean old) {
    int position = old ? 1 : 2;
    if (operator.inputs().size() <= position) return -1;
    int t = operator.inputs().get(position);
    return t >= 0 && w.graph().tensor(t).shape().elements() > 0 ? t : -1;
  }

  private static float scale(BandWriter w, Operator operator, NodeAttributes a, boolean old, Tensor in, Tensor out) {
    if (a.has("scales")) return a.reals("scales").orElseThrow()[in.axis()];
    int scales = scalesInput(w, operator, old);
    int position = position(a, in);
    if (scales >= 0) return position < 0 ? 1 : Constants.reals(w.graph(), scales)[position];
    String policy = a.text("keep_aspect_ratio_policy", "stretch");
    if (position < 0) return 1;
    if (policy.equals("stretch")) return (float) out.rows() / in.rows();
    long[] sizes = Constants.integers(w.graph(), operator.inputs().get(3));
    long[] axes = a.integers("axes").orElse(java.util.stream.LongStream.range(0, sizes.length).toArray());
    boolean smaller = policy.equals("not_larger");
    float chosen = smaller ? Float.MAX_VALUE : 0;
    for (int i = 0; i < axes.length; i++) {
      float s = (float) sizes[i] / in.shape().dim((int) Math.floorMod(axes[i], (long) in.shape().rank()));
      chosen = smaller ? Math.min(chosen, s) : Math.max(chosen, s);
    }
    return chosen;
  }

  /** Where the split axis stands among the operator's axes, -1 when it is not resized. */
  private static int position(NodeAttributes a, Tensor in) {
    long[] axes = a.integers("axes").orElse(null);
    if (axes == null) return in.axis();
    for (int i = 0; i < axes.length; i++) if (Math.floorMod(axes[i], (long) in.shape().rank()) == in.axis()) return i;
    return -1;
  }

  private static float[] region(BandWriter w, Operator operator, NodeAttributes a, Tensor in) {
    float[] roi = Constants.reals(w.graph(), operator.inputs().get(1));
    int position = position(a, in);
    return position < 0 ? new float[] {0, 1} : new float[] {roi[position], roi[position + roi.length / 2]};
  }

  /** Where output row {@code r} lies among the input rows. */
  float coordinate(int r) {
    return switch (coordinates) {
      case "asymmetric" -> r / scale;
      case "pytorch_half_pixel" -> outputRows > 1 ? (r + 0.5f) / scale - 0.5f : 0;
      case "tf_half_pixel_for_nn" -> (r + 0.5f) / scale;
      case "align_corners" -> outputRows == 1 ? 0 : (float) r * (inputRows - 1) / (outputRows - 1);
      case "tf_crop_and_resize" -> outputRows > 1
          ? roiStart * (inputRows - 1) + r * (roiEnd - roiStart) * (inputRows - 1) / (outputRows - 1)
          : 0.5f * (roiStart + roiEnd) * (inputRows - 1);
      case "half_pixel_symmetric" -> {
        float adjustment = outputRows / (scale * inputRows);
        float offset = inputRows / 2f * (1 - adjustment);
        yield offset + (r + 0.5f) / scale - 0.5f;
      }
      default -> (r + 0.5f) / scale - 0.5f;
    };
  }

  /**
   * Whether output rows of an input that starts at row {@code from} are rows {@code from * scale} on of the whole: then ONNX Runtime's own
   * Resize on the cut input gives the same numbers.
   */
  boolean moves(int from, int to) {
    boolean plain = switch (coordinates) {
      case "asymmetric", "half_pixel", "tf_half_pixel_for_nn" -> true;
      case "pytorch_half_pixel" -> outputRows > 1 && Math.floor((double) scale * (to - from)) > 1;
      case "half_pixel_symmetric" -> whole(scale * (double) inputRows) && whole(scale * (double) (to - from));
      default -> false;
    };
    if (!plain || !whole(scale * (double) from)) return false;
    return !bySizes || whole(scale * (double) to) && (float) (long) (scale * (double) (to - from)) / (to - from) == scale;
  }

  private static boolean whole(double x) {
    return x == Math.rint(x);
  }

  /** For the modes linear and cubic. */
  Taps taps(int r) {
    float x = coordinate(r);
    if (coordinates.equals("tf_crop_and_resize") && (x < 0 || x > inputRows - 1)) return new Taps(new int[0], new float[0]);
    return mode.equals("cubic") ? cubic(x) : linear(x);
  }

  private Taps linear(float coordinate) {
    float x = Math.max(0, Math.min(coordinate, inputRows - 1));
    int low = Math.min((int) x, inputRows - 1);
    int high = Math.min(low + 1, inputRows - 1);
    if (low == high) return new Taps(new int[] {low}, new float[] {1});
    return new Taps(new int[] {low, high}, new float[] {Math.abs(x - high), Math.abs(x - low)});
  }

  private Taps cubic(float x) {
    int base = (int) Math.floor(x);
    float s = x - base;
    float a = cubicA;
    float[] weights = {
      ((a * (s + 1) - 5 * a) * (s + 1) + 8 * a) * (s + 1) - 4 * a,
      ((a + 2) * s - (a + 3)) * s * s + 1,
      ((a + 2) * (1 - s) - (a + 3)) * (1 - s) * (1 - s) + 1,
      ((a * (2 - s) - 5 * a) * (2 - s) + 8 * a) * (2 - s) - 4 * a
    };
    int[] rows = new int[4];
    float sum = 0;
    for (int i = 0; i < 4; i++) {
      int row = base - 1 + i;
      if (excludeOutside && (row < 0 || row >= inputRows)) weights[i] = 0;
      sum += weights[i];
      rows[i] = Math.max(0, Math.min(row, inputRows - 1));
    }
    if (excludeOutside) for (int i = 0; i < 4; i++) weights[i] /= sum;
    return new Taps(rows, weights);
  }
}
