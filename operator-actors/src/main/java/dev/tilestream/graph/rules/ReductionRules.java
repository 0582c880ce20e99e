package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;

/** Operators that work along some axes and treat the others one by one. */
final class ReductionRules {
  private ReductionRules() {}

  /** Shape is kept; one {@code axis} attribute, the last unless told. */
  static Verdict alongLast(Site site, int[] axes) {
    return along(site, axes, site.axis("axis", -1, site.in(0).rank()));
  }

  /** TopK, which worked along the last axis from the start. */
  static Verdict along(Site site, int[] axes, int axis) {
    return axes[0] == axis ? Verdict.global("%s: along the split axis", site.type()) : ElementwiseRules.first(site, axes);
  }

  /** Before opset 13 these flattened everything from {@code axis} (1 unless told) on. */
  static Verdict softmax(Site site, int[] axes) {
    if (site.opset() >= 13) return alongLast(site, axes);
    int a = axes[0];
    if (a >= site.axis("axis", 1, site.in(0).rank())) return Verdict.global("%s: along the split axis", site.type());
    return ElementwiseRules.first(site, axes);
  }

  static Verdict cumulative(Site site, int[] axes) {
    long[] axis = site.integers(1);
    if (axis == null) return Verdict.global("CumSum: axis computed in the graph");
    return along(site, axes, Site.fromFront(axis[0], site.in(0).rank()));
  }

  static Verdict argument(Site site, int[] axes) {
    int rank = site.in(0).rank();
    return reduce(site, axes[0], new long[] {site.axis("axis", 0, rank)});
  }

  static Verdict reduce(Site site, int[] axes) {
    long[] over = site.has(1) ? site.integers(1) : site.attributes().integers("axes");
    if (site.has(1) && over == null) return Verdict.global("%s: axes computed in the graph", site.type());
    if (over == null || over.length == 0) {
      if (site.attributes().integer("noop_with_empty_axes", 0) != 0) return ElementwiseRules.first(site, axes);
      return Verdict.global("%s: over everything", site.type());
    }
    return reduce(site, axes[0], over);
  }

  private static Verdict reduce(Site site, int a, long[] over) {
    int rank = site.in(0).rank();
    if (a < 0 || among(over, a, rank)) return Verdict.global("%s: over the split axis", site.type());
    int out = a;
    if (site.attributes().integer("keepdims", 1) == 0) for (int axis = 0; axis < a; axis++) if (among(over, axis, rank)) out--;
    return Verdict.along(site, out).cut(0, a, new RowMap.Same()).local();
  }

  static boolean among(long[] axes, int axis, int rank) {
    for (long x : axes) if (Site.fromFront(x, rank) == axis) return true;
    return false;
  }
}
