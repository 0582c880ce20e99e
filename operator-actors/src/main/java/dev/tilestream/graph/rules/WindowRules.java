package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;

/** Convolutions and poolings: sliding windows over the spatial axes. */
final class WindowRules {
  private static final int BATCH = 0;
  private static final int CHANNEL = 1;

  private WindowRules() {}

  static Verdict convolution(Site site, int[] axes) {
    return convolution(site, axes, 1);
  }

  static Verdict quantizedConvolution(Site site, int[] axes) {
    return convolution(site, axes, 3);
  }

  private static Verdict convolution(Site site, int[] axes, int weights) {
    int a = axes[0];
    if (a < 0 || a == CHANNEL) return across(site, a);
    if (WindowGeometry.cropsInput(site.attributes(), site.in(0), site.out(), site.in(weights))) return cropping(site);
    if (a == BATCH) return Verdict.along(site, BATCH).cut(0, BATCH, new RowMap.Same()).local();
    WindowGeometry g = WindowGeometry.of(site.attributes(), site.in(0), site.out(), site.in(weights));
    return Verdict.along(site, a).cut(0, a, g.rows(a - 2, site.in(0).dim(a))).local();
  }

  static Verdict transposedConvolution(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0 || a == CHANNEL) return across(site, a);
    if (a == BATCH) return Verdict.along(site, BATCH).cut(0, BATCH, new RowMap.Same()).local();
    WindowGeometry g = WindowGeometry.ofTransposed(site.attributes(), site.in(0), site.out(), site.in(1));
    return Verdict.along(site, a).cut(0, a, transposedRows(g, a - 2, site.in(0).dim(a), site.out().dim(a))).local();
  }

  /** Output row o takes input row i through kernel row k where {@code o + padBegin = i * stride + k * dilation}. */
  private static RowMap transposedRows(WindowGeometry g, int d, int rows, int outRows) {
    int[] from = new int[outRows];
    int[] to = new int[outRows];
    for (int o = 0; o < outRows; o++) {
      int first = Integer.MAX_VALUE;
      int end = 0;
      for (int k = 0; k < g.kernel()[d]; k++) {
        int at = o + g.padBegin()[d] - k * g.dilation()[d];
        if (at < 0 || at % g.stride()[d] != 0 || at / g.stride()[d] >= rows) continue;
        first = Math.min(first, at / g.stride()[d]);
        end = Math.max(end, at / g.stride()[d] + 1);
      }
      if (first < end) {
        from[o] = first;
        to[o] = end;
      }
    }
    return new RowMap.Table(from, to);
  }

  static Verdict pool(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return across(site, a);
    if (site.outputs().size() > 1 && site.outputs().get(1) != null)
      return Verdict.global("%s: indices count from the start of the whole input", site.type());
    if (WindowGeometry.cropsInput(site.attributes(), site.in(0), site.out(), null)) return cropping(site);
    if (a == BATCH || a == CHANNEL) return Verdict.along(site, a).cut(0, a, new RowMap.Same()).local();
    WindowGeometry g = WindowGeometry.of(site.attributes(), site.in(0), site.out(), null);
    if (site.type().equals("AveragePool") && site.attributes().integer("count_include_pad", 0) != 0
        && overhangs(g, site.in(0), site.out(), a - 2))
      return Verdict.global("AveragePool: windows beyond the counted padding (ceil_mode with count_include_pad)");
    return Verdict.along(site, a).cut(0, a, g.rows(a - 2, site.in(0).dim(a))).local();
  }

  /** Whether the last window reaches beyond the padded input: rows that exist neither as data nor as counted padding. */
  private static boolean overhangs(WindowGeometry g, Shape in, Shape out, int d) {
    int last = (out.dim(d + 2) - 1) * g.stride()[d] + g.extent(d);
    return last > in.dim(d + 2) + g.padBegin()[d] + g.padEnd()[d];
  }

  /** Pooling over all of space: images and channels are independent. */
  static Verdict globalPool(Site site, int[] axes) {
    if (axes[0] == BATCH || axes[0] == CHANNEL) return Verdict.along(site, axes[0]).cut(0, axes[0], new RowMap.Same()).local();
    return Verdict.global("%s: over the split axis", site.type());
  }

  private static Verdict cropping(Site site) {
    return Verdict.global("%s: SAME padding below zero, where ONNX Runtime's windows follow no rule of the standard", site.type());
  }

  private static Verdict across(Site site, int axis) {
    return axis < 0 ? Verdict.global("%s: nothing to split", site.type()) : Verdict.global("%s: sums over the split axis", site.type());
  }
}
