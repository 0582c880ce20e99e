package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;

/** Operators that only rename, regroup or reorder axes. */
final class ShapeRules {
  private ShapeRules() {}

  /**
   * Reshape, Flatten, Squeeze, Unsqueeze: elements keep their order. The split axis can be followed to an output axis with as many
   * elements in front of it; rows there are made of fractions or multiples of rows here.
   */
  static Verdict reshape(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("%s: nothing to split", site.type());
    Shape in = site.in(0);
    Shape out = site.out();
    int best = -1;
    for (int b = 0; b < out.rank(); b++) {
      if (out.outer(b) != in.outer(a)) continue;
      if (best < 0 || closeness(in, a, out, b) < closeness(in, a, out, best)) best = b;
    }
    if (best < 0 || out.dim(best) == 1 && in.dim(a) > 1)
      return Verdict.global("%s: mixes the split axis with those in front of it", site.type());
    return Verdict.along(site, best).cut(0, a, regrouped(in.dim(a), out.dim(best))).local();
  }

  /** Small where output rows are about as many as input rows; an axis of one row is the last resort. */
  private static double closeness(Shape in, int a, Shape out, int b) {
    return out.dim(b) == 1 && in.dim(a) > 1 ? Double.MAX_VALUE : Math.abs(Math.log((double) in.dim(a) / out.dim(b)));
  }

  /** {@code inRows} rows hold the same elements as {@code outRows} rows. */
  static RowMap regrouped(int inRows, int outRows) {
    if (inRows == outRows) return new RowMap.Same();
    if (inRows % outRows == 0) return new RowMap.Blocks(1, inRows / outRows);
    if (outRows % inRows == 0) return new RowMap.Blocks(outRows / inRows, 1);
    int[] from = new int[outRows];
    int[] to = new int[outRows];
    for (int r = 0; r < outRows; r++) {
      from[r] = (int) ((long) r * inRows / outRows);
      to[r] = (int) (((r + 1L) * inRows + outRows - 1) / outRows);
    }
    return new RowMap.Table(from, to);
  }

  static Verdict transpose(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("Transpose: nothing to split");
    long[] perm = site.attributes().integers("perm");
    int out = site.in(0).rank() - 1 - a;
    if (perm != null) for (int i = 0; i < perm.length; i++) if (perm[i] == a) out = i;
    return Verdict.along(site, out).cut(0, a, new RowMap.Same()).local();
  }

  static Verdict expand(Site site, int[] axes) {
    if (axes[0] < 0) return Verdict.global("Expand: nothing to split");
    int out = axes[0] + site.out().rank() - site.in(0).rank();
    if (site.in(0).dim(axes[0]) != site.out().dim(out)) return Verdict.global("Expand: repeats the one row there is");
    return Verdict.along(site, out).cut(0, axes[0], new RowMap.Same()).local();
  }

  static Verdict tile(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("Tile: nothing to split");
    int rows = site.in(0).dim(a);
    int outRows = site.out().dim(a);
    return Verdict.along(site, a).cut(0, a, outRows == rows ? new RowMap.Same() : PickRules.rows(outRows, r -> r % rows)).local();
  }

  static Verdict depthToSpace(Site site, int[] axes) {
    return blocks(site, axes[0], "DepthToSpace");
  }

  static Verdict spaceToDepth(Site site, int[] axes) {
    return blocks(site, axes[0], "SpaceToDepth");
  }

  private static Verdict blocks(Site site, int a, String type) {
    if (a < 0 || a == 1) return Verdict.global("%s: mixes channels", type);
    int in = site.in(0).dim(a);
    int out = site.out().dim(a);
    return Verdict.along(site, a).cut(0, a, regrouped(in, out)).local();
  }
}
