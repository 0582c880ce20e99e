package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;
import java.util.Arrays;
import java.util.Optional;

/** Resize and Upsample: each axis on its own. */
public final class ResizeRules {
  private ResizeRules() {}

  static Verdict resize(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("%s: nothing to split", site.type());
    boolean stretched = site.attributes().text("keep_aspect_ratio_policy", "stretch").equals("stretch");
    if (!stretched) return Verdict.global("%s: the scale of all axes follows from one", site.type());
    Optional<Interpolation> rows = interpolation(site, a);
    if (rows.isEmpty()) return Verdict.global("%s: antialiased or computed in the graph along the split axis", site.type());
    boolean same = site.in(0).dim(a) == site.out().dim(a) && identity(rows.get());
    return Verdict.along(site, a).cut(0, a, same ? new RowMap.Same() : rows.get().rows()).local();
  }

  private static boolean identity(Interpolation rows) {
    for (int r = 0; r < rows.from().length; r++) if (rows.from()[r] != r || rows.weights()[r].length != 1) return false;
    return true;
  }

  /** Weights along one axis of a Resize or Upsample node; empty where they can't be known beforehand or are antialiased. */
  public static Optional<Interpolation> interpolation(Site site, int axis) {
    Attributes at = site.attributes();
    Shape in = site.in(0);
    boolean modern = site.type().equals("Resize") && site.opset() >= 11;
    long[] on = at.integers("axes");
    int position = on == null ? axis : position(on, axis, in.rank());
    int count = on == null ? in.rank() : on.length;
    Optional<float[]> scales = scales(site, modern, on);
    if (scales.isEmpty()) return Optional.empty();
    float scale = position < 0 ? 1 : scales.get()[position];
    if (at.integer("antialias", 0) != 0 && scale < 1) return Optional.empty();
    double[] roi = modern ? site.reals(1) : null;
    String coordinates = modern ? at.text("coordinate_transformation_mode", "half_pixel") : "asymmetric";
    boolean cropped = coordinates.equals("tf_crop_and_resize") && position >= 0;
    if (cropped && (roi == null || roi.length < 2 * count)) return Optional.empty();
    if (scale == 1 && in.dim(axis) == site.out().dim(axis) && !cropped) return Optional.of(copy(in.dim(axis)));
    String nearest = modern ? at.text("nearest_mode", "round_prefer_floor") : "simple";
    Interpolation.Mode mode = new Interpolation.Mode(
        at.text("mode", "nearest").replace("bilinear", "linear"), coordinates, nearest,
        at.real("cubic_coeff_a", -0.75f), at.integer("exclude_outside", 0) != 0);
    float roiStart = cropped ? (float) roi[position] : 0;
    float roiEnd = cropped ? (float) roi[position + count] : 1;
    return Optional.of(Interpolation.of(mode, new Interpolation.Axis(in.dim(axis), site.out().dim(axis), scale, roiStart, roiEnd)));
  }

  private static Interpolation copy(int rows) {
    int[] from = new int[rows];
    float[][] weights = new float[rows][];
    for (int r = 0; r < rows; r++) {
      from[r] = r;
      weights[r] = new float[] {1};
    }
    return new Interpolation(from, weights);
  }

  private static int position(long[] on, int axis, int rank) {
    for (int i = 0; i < on.length; i++) if (Site.fromFront(on[i], rank) == axis) return i;
    return -1;
  }

  /** One per resized axis. */
  private static Optional<float[]> scales(Site site, boolean modern, long[] on) {
    Attributes at = site.attributes();
    if (at.has("scales")) return Optional.of(at.reals("scales"));
    int scalesAt = modern ? 2 : 1;
    if (site.has(scalesAt)) {
      double[] given = site.reals(scalesAt);
      if (given == null) return Optional.empty();
      if (given.length > 0) return Optional.of(floats(given));
    }
    double[] sizes = site.reals(3);
    if (sizes == null) return Optional.empty();
    float[] scales = new float[sizes.length];
    for (int i = 0; i < scales.length; i++)
      scales[i] = (float) sizes[i] / site.in(0).dim(on == null ? i : Site.fromFront(on[i], site.in(0).rank()));
    return Optional.of(keepAspect(scales, at.text("keep_aspect_ratio_policy", "stretch")));
  }

  private static float[] keepAspect(float[] scales, String policy) {
    if (policy.equals("stretch")) return scales;
    float one = scales[0];
    for (float s : scales) one = policy.equals("not_larger") ? Math.min(one, s) : Math.max(one, s);
    Arrays.fill(scales, one);
    return scales;
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) out[i] = (float) values[i];
    return out;
  }
}
