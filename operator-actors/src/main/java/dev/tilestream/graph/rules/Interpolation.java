package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;

/**
 * Resizing along one axis as a banded matrix: output row r is the sum of {@code weights[r][i] * input row (from[r] + i)}. An empty row
 * depends on no input (the extrapolation value of {@code tf_crop_and_resize}). Coordinates are computed in float32, as ONNX Runtime does.
 */
public record Interpolation(int[] from, float[][] weights) {
  /** How one axis is resized. */
  record Axis(int in, int out, float scale, float roiStart, float roiEnd) {}

  /** How all axes are: ONNX's attributes of the same names; {@code nearest} {@code simple} is that of Upsample and Resize-10. */
  record Mode(String kernel, String coordinates, String nearest, float cubicA, boolean excludeOutside) {}

  static Interpolation of(Mode mode, Axis axis) {
    int[] from = new int[axis.out];
    float[][] weights = new float[axis.out][];
    for (int r = 0; r < axis.out; r++) {
      float x = coordinate(mode.coordinates, axis, r);
      boolean outside = mode.coordinates.equals("tf_crop_and_resize") && (x < 0 || x > axis.in - 1);
      float[] dense = new float[outside ? 0 : 4];
      int first = outside ? 0 : taps(mode, axis, x, dense);
      fold(first, dense, axis.in, r, from, weights);
    }
    return new Interpolation(from, weights);
  }

  private static float coordinate(String mode, Axis axis, int r) {
    return switch (mode) {
      case "asymmetric" -> r / axis.scale;
      case "pytorch_half_pixel" -> axis.out > 1 ? (r + 0.5f) / axis.scale - 0.5f : 0f;
      case "tf_half_pixel_for_nn" -> (r + 0.5f) / axis.scale;
      case "align_corners" -> axis.out == 1 ? 0f : (float) r * (axis.in - 1) / (axis.out - 1);
      case "tf_crop_and_resize" -> axis.out > 1
          ? axis.roiStart * (axis.in - 1) + r * (axis.roiEnd - axis.roiStart) * (axis.in - 1) / (axis.out - 1)
          : 0.5f * (axis.roiStart + axis.roiEnd) * (axis.in - 1);
      case "half_pixel_symmetric" -> axis.in / 2f * (1 - axis.out / (axis.scale * axis.in)) + (r + 0.5f) / axis.scale - 0.5f;
      default -> (r + 0.5f) / axis.scale - 0.5f;
    };
  }

  /** Fills {@code dense} with the weights of rows from the one returned on, which may lie outside the input. */
  private static int taps(Mode mode, Axis axis, float x, float[] dense) {
    if (mode.kernel.equals("nearest")) {
      dense[0] = 1;
      return Math.max(0, Math.min(axis.in - 1, nearest(mode.nearest, x, axis.scale < 1)));
    }
    if (mode.kernel.equals("linear")) {
      float clamped = Math.max(0, Math.min(axis.in - 1, x));
      int first = (int) clamped;
      dense[1] = clamped - first;
      dense[0] = 1 - dense[1];
      return first;
    }
    int first = (int) Math.floor(x) - 1;
    float sum = 0;
    for (int i = 0; i < 4; i++) {
      if (mode.excludeOutside && (first + i < 0 || first + i >= axis.in)) continue;
      dense[i] = cubic(Math.abs(x - (first + i)), mode.cubicA);
      sum += dense[i];
    }
    if (mode.excludeOutside) for (int i = 0; i < 4; i++) dense[i] /= sum;
    return first;
  }

  private static int nearest(String mode, float x, boolean shrinking) {
    return switch (mode) {
      case "simple" -> shrinking ? (int) Math.ceil(x) : (int) x;
      case "floor" -> (int) Math.floor(x);
      case "ceil" -> (int) Math.ceil(x);
      case "round_prefer_ceil" -> (int) Math.floor(x + 0.5);
      default -> (int) Math.ceil(x - 0.5);
    };
  }

  private static float cubic(float d, float a) {
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return 0;
  }

  /** Adds what lies outside to the border rows and trims rows without weight. */
  private static void fold(int first, float[] dense, int rows, int r, int[] from, float[][] weights) {
    int low = Integer.MAX_VALUE;
    int high = -1;
    for (int i = 0; i < dense.length; i++) {
      if (dense[i] == 0) continue;
      int row = Math.max(0, Math.min(rows - 1, first + i));
      low = Math.min(low, row);
      high = Math.max(high, row);
    }
    weights[r] = new float[high < 0 ? 0 : high - low + 1];
    from[r] = high < 0 ? 0 : low;
    for (int i = 0; i < dense.length; i++)
      if (dense[i] != 0) weights[r][Math.max(0, Math.min(rows - 1, first + i)) - low] += dense[i];
  }

  /** Rows with weight. */
  RowMap rows() {
    int[] to = new int[from.length];
    for (int r = 0; r < to.length; r++) to[r] = from[r] + weights[r].length;
    return new RowMap.Table(from, to);
  }
}
