package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;

/** Element-wise operators with numpy's broadcasting, and those that look at their first input alone. */
final class ElementwiseRules {
  private ElementwiseRules() {}

  /** The first output axis along which every operand is either split alike, a constant that can be cut, or broadcast. */
  static Verdict broadcast(Site site, int[] axes) {
    if (site.attributes().has("broadcast")) return Verdict.global("%s: broadcasts as before opset 7", site.type());
    int rank = site.out().rank();
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] < 0) continue;
      Verdict verdict = along(site, axes, axes[i] + rank - site.in(i).rank());
      if (verdict instanceof Verdict.Local) return verdict;
    }
    return Verdict.global("%s: operands are split along different axes", site.type());
  }

  private static Verdict along(Site site, int[] axes, int axis) {
    Verdict.Draft draft = Verdict.along(site, axis);
    boolean cut = false;
    for (int i = 0; i < axes.length; i++) {
      if (!site.has(i)) continue;
      Operand operand = operand(site, i, axes[i], site.out(), axis);
      if (operand == Operand.MISALIGNED) return Verdict.global("%s: operands are split along different axes", site.type());
      if (operand != Operand.CUT) continue;
      draft.cut(i, axis - site.out().rank() + site.in(i).rank(), new RowMap.Same());
      cut |= axes[i] >= 0;
    }
    return cut ? draft.local() : Verdict.global("%s: nothing to split", site.type());
  }

  enum Operand {
    CUT,
    WHOLE,
    MISALIGNED
  }

  /** How operand {@code i}, broadcast to {@code out}, takes part when {@code out} is split along {@code axis}. */
  static Operand operand(Site site, int i, int split, Shape out, int axis) {
    int own = axis - out.rank() + site.in(i).rank();
    if (own < 0) return Operand.WHOLE;
    if (site.in(i).dim(own) == 1 && out.dim(axis) != 1) return Operand.WHOLE;
    if (split == own) return Operand.CUT;
    if (site.in(i).dim(own) == 1) return Operand.WHOLE;
    return site.constant(i) ? Operand.CUT : Operand.MISALIGNED;
  }

  /** Output rows are rows of the first input; all others are held whole. */
  static Verdict first(Site site, int[] axes) {
    if (axes[0] < 0) return Verdict.global("%s: nothing to split", site.type());
    return Verdict.along(site, axes[0]).cut(0, axes[0], new RowMap.Same()).local();
  }

  /** Nothing happens at inference; drawing random numbers in training mode is not repeatable by bands. */
  static Verdict dropout(Site site, int[] axes) {
    double[] training = site.reals(2);
    if (site.has(2) && (training == null || training[0] != 0)) return Verdict.global("Dropout: training mode");
    return first(site, axes);
  }

  /** Per-tensor scales are held whole; per-axis ones along the split axis are cut with it. */
  static Verdict quantize(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("%s: nothing to split", site.type());
    if (site.attributes().integer("block_size", 0) != 0) return Verdict.global("%s: blocked scales", site.type());
    Verdict.Draft draft = Verdict.along(site, a).cut(0, a, new RowMap.Same());
    if (site.axis("axis", 1, site.in(0).rank()) != a) return draft.local();
    for (int i = 1; i < axes.length; i++) {
      if (!site.has(i) || site.in(i).elements() == 1) continue;
      if (!site.constant(i) && axes[i] != 0) return Verdict.global("%s: computed scales along the split axis", site.type());
      draft.cut(i, 0, new RowMap.Same());
    }
    return draft.local();
  }
}
