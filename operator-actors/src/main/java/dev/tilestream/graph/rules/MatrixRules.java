package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;

/** Matrix products: rows of the left factor and columns of the right one are independent, and so are stacked matrices. */
final class MatrixRules {
  private MatrixRules() {}

  static Verdict product(Site site, int[] axes) {
    return product(site, axes, 1);
  }

  /** Left and right factor stand behind their scales and zero points, which must not vary along the split axis. */
  static Verdict quantizedProduct(Site site, int[] axes) {
    for (int i : new int[] {1, 2, 4, 5, 6, 7})
      if (site.has(i) && site.in(i).elements() != 1) return Verdict.global("%s: scales that vary within a factor", site.type());
    return product(site, axes, 3);
  }

  static Verdict integerProduct(Site site, int[] axes) {
    for (int i : new int[] {2, 3})
      if (site.has(i) && site.in(i).elements() != 1) return Verdict.global("%s: zero points that vary within a factor", site.type());
    return product(site, axes, 1);
  }

  private static Verdict product(Site site, int[] axes, int right) {
    Shape a = site.in(0);
    Shape b = site.in(right);
    int rank = site.out().rank();
    int batchAxes = rank - (a.rank() > 1 ? 1 : 0) - (b.rank() > 1 ? 1 : 0);
    if (axes[0] >= 0 && a.rank() > 1) {
      if (axes[0] == a.rank() - 2) return Verdict.along(site, batchAxes).cut(0, axes[0], new RowMap.Same()).local();
      if (axes[0] < a.rank() - 2) return stacked(site, axes, right, axes[0] + batchAxes - (a.rank() - 2), batchAxes);
    }
    if (axes[right] >= 0 && b.rank() > 1) {
      if (axes[right] == b.rank() - 1) return Verdict.along(site, rank - 1).cut(right, axes[right], new RowMap.Same()).local();
      if (axes[right] < b.rank() - 2) return stacked(site, axes, right, axes[right] + batchAxes - (b.rank() - 2), batchAxes);
    }
    return Verdict.global("%s: sums over the split axis", site.type());
  }

  /** Cut along a stacking axis, broadcast or split alike in both factors. */
  private static Verdict stacked(Site site, int[] axes, int right, int outputAxis, int batchAxes) {
    Verdict.Draft draft = Verdict.along(site, outputAxis);
    boolean cut = false;
    for (int i : new int[] {0, right}) {
      int own = outputAxis - batchAxes + site.in(i).rank() - 2;
      if (own < 0 || site.in(i).dim(own) == 1 && site.out().dim(outputAxis) != 1) continue;
      if (!site.constant(i) && axes[i] != own) return Verdict.global("%s: factors are split along different axes", site.type());
      draft.cut(i, own, new RowMap.Same());
      cut |= axes[i] >= 0;
    }
    return cut ? draft.local() : Verdict.global("%s: nothing to split", site.type());
  }

  static Verdict gemm(Site site, int[] axes) {
    int rows = site.attributes().integer("transA", 0) == 0 ? 0 : 1;
    int columns = site.attributes().integer("transB", 0) == 0 ? 1 : 0;
    if (axes[0] == rows) return gemm(site, axes, 0, rows, 0);
    if (axes[1] == columns) return gemm(site, axes, 1, columns, 1);
    return Verdict.global("Gemm: sums over the split axis");
  }

  private static Verdict gemm(Site site, int[] axes, int factor, int axis, int outputAxis) {
    Verdict.Draft draft = Verdict.along(site, outputAxis).cut(factor, axis, new RowMap.Same());
    if (!site.has(2)) return draft.local();
    if (site.attributes().has("broadcast")) return Verdict.global("Gemm: broadcasts as before opset 7");
    ElementwiseRules.Operand bias = ElementwiseRules.operand(site, 2, axes[2], site.out(), outputAxis);
    if (bias == ElementwiseRules.Operand.MISALIGNED) return Verdict.global("Gemm: bias is split along another axis");
    if (bias == ElementwiseRules.Operand.CUT) draft.cut(2, outputAxis - site.out().rank() + site.in(2).rank(), new RowMap.Same());
    return draft.local();
  }
}
