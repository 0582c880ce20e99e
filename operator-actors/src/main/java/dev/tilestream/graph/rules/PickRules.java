package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;
import java.util.function.IntUnaryOperator;

/** Operators that pick rows of their input: parts, joins, borders, look-ups. */
final class PickRules {
  private static final int NOWHERE = -1;

  private PickRules() {}

  /** Output row r is input row {@code source(r)}; none where that is negative. */
  static RowMap rows(int outRows, IntUnaryOperator source) {
    int[] from = new int[outRows];
    int[] to = new int[outRows];
    for (int r = 0; r < outRows; r++) {
      int s = source.applyAsInt(r);
      from[r] = Math.max(s, 0);
      to[r] = s < 0 ? from[r] : s + 1;
    }
    return new RowMap.Table(from, to);
  }

  static Verdict concat(Site site, int[] axes) {
    int rank = site.out().rank();
    int joined = site.axis("axis", 1, rank);
    int a = -1;
    for (int i = 0; i < axes.length; i++) if (axes[i] >= 0) a = axes[i];
    if (a < 0) return Verdict.global("Concat: nothing to split");
    Verdict.Draft draft = Verdict.along(site, a);
    int before = 0;
    for (int i = 0; i < axes.length; i++) {
      if (!site.constant(i) && axes[i] != a) return Verdict.global("Concat: inputs are split along different axes");
      draft.cut(i, a, a == joined ? new RowMap.Shifted(before, site.in(i).dim(a)) : new RowMap.Same());
      before += site.in(i).dim(a);
    }
    return draft.local();
  }

  static Verdict slice(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("Slice: nothing to split");
    boolean asInputs = site.opset() >= 10;
    long[] starts = asInputs ? site.integers(1) : site.attributes().integers("starts");
    long[] on = !asInputs ? site.attributes().integers("axes") : site.has(3) ? site.integers(3) : null;
    long[] steps = asInputs && site.has(4) ? site.integers(4) : null;
    if (starts == null || asInputs && (site.has(3) && on == null || site.has(4) && steps == null))
      return Verdict.global("Slice: bounds computed in the graph");
    Verdict.Draft draft = Verdict.along(site, a);
    int rows = site.in(0).dim(a);
    for (int i = 0; i < starts.length; i++) {
      if ((on == null ? i : Site.fromFront(on[i], site.in(0).rank())) != a) continue;
      int step = steps == null ? 1 : (int) steps[i];
      int start = clampStart(starts[i], step, rows);
      return draft.cut(0, a, step == 1 ? new RowMap.Shifted(-start, rows) : rows(site.out().dim(a), r -> start + r * step)).local();
    }
    return draft.cut(0, a, new RowMap.Same()).local();
  }

  private static int clampStart(long start, int step, int rows) {
    long from = start < 0 ? start + rows : start;
    return (int) Math.max(0, Math.min(from, step < 0 ? rows - 1 : rows));
  }

  static Verdict pad(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("Pad: nothing to split");
    boolean asInputs = site.opset() >= 11;
    long[] pads = asInputs ? site.integers(1) : site.attributes().integers("pads");
    long[] on = site.has(3) ? site.integers(3) : null;
    if (pads == null || site.has(3) && on == null) return Verdict.global("Pad: amounts computed in the graph");
    int begin = 0;
    int end = 0;
    for (int i = 0; i < pads.length / 2; i++) {
      if ((on == null ? i : Site.fromFront(on[i], site.in(0).rank())) != a) continue;
      begin = (int) pads[i];
      end = (int) pads[i + pads.length / 2];
    }
    int rows = site.in(0).dim(a);
    Verdict.Draft draft = Verdict.along(site, a);
    if (begin == 0 && end == 0) return draft.cut(0, a, new RowMap.Same()).local();
    String mode = site.attributes().text("mode", "constant");
    if (mode.equals("constant")) return draft.cut(0, a, new RowMap.Shifted(begin, rows)).local();
    if (begin < 0 || end < 0) return Verdict.global("Pad: %s with negative amounts", mode);
    int shift = begin;
    return draft.cut(0, a, rows(site.out().dim(a), r -> border(mode, r - shift, rows))).local();
  }

  private static int border(String mode, int row, int rows) {
    return switch (mode) {
      case "edge" -> Math.max(0, Math.min(rows - 1, row));
      case "wrap" -> Math.floorMod(row, rows);
      case "reflect" -> rows == 1 ? 0 : rows - 1 - Math.abs(rows - 1 - Math.floorMod(row, 2 * (rows - 1)));
      default -> NOWHERE;
    };
  }

  /** Rows of the data or of the indices, whichever is split. */
  static Verdict gather(Site site, int[] axes) {
    Shape data = site.in(0);
    Shape indices = site.in(1);
    int on = site.axis("axis", 0, data.rank());
    int a = axes[0];
    if (a >= 0 && a != on) return Verdict.along(site, a < on ? a : a + indices.rank() - 1).cut(0, a, new RowMap.Same()).local();
    if (axes[1] >= 0) return Verdict.along(site, on + axes[1]).cut(1, axes[1], new RowMap.Same()).local();
    if (a < 0) return Verdict.global("Gather: nothing to split");
    long[] picked = site.integers(1);
    if (picked == null) return Verdict.global("Gather: rows are chosen by the data");
    if (indices.rank() != 1) return Verdict.global("Gather: indices of rank %d along the split axis", indices.rank());
    return Verdict.along(site, a).cut(0, a, rows(picked.length, r -> Site.fromFront(picked[r], data.dim(a)))).local();
  }

  /** Data and indices are walked side by side along every axis but one. */
  static Verdict gatherElements(Site site, int[] axes) {
    int a = axes[0] >= 0 ? axes[0] : axes[1];
    int on = site.axis("axis", 0, site.in(0).rank());
    if (a < 0 || a == on || site.in(0).dim(a) != site.in(1).dim(a)) return Verdict.global("GatherElements: along the split axis");
    Verdict.Draft draft = Verdict.along(site, a);
    for (int i = 0; i < 2; i++) {
      if (!site.constant(i) && axes[i] != a) return Verdict.global("GatherElements: inputs are split along different axes");
      draft.cut(i, a, new RowMap.Same());
    }
    return draft.local();
  }

  static Verdict oneHot(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0) return Verdict.global("OneHot: nothing to split");
    int inserted = site.axis("axis", -1, site.in(0).rank() + 1);
    return Verdict.along(site, a < inserted ? a : a + 1).cut(0, a, new RowMap.Same()).local();
  }
}
