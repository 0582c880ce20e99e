package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;

/** Normalisations: local along every axis that they gather no statistics over. */
final class NormalizationRules {
  private NormalizationRules() {}

  /** Fixed statistics, one per channel (axis 1). */
  static Verdict batch(Site site, int[] axes) {
    if (site.attributes().integer("training_mode", 0) != 0) return Verdict.global("BatchNormalization: training mode");
    if (site.outputs().stream().skip(1).anyMatch(o -> o != null)) return Verdict.global("BatchNormalization: running statistics asked for");
    if (axes[0] < 0) return Verdict.global("BatchNormalization: nothing to split");
    return perChannel(site, axes, 1, 2, 3, 4);
  }

  /** Statistics over space, one image and channel at a time. */
  static Verdict instance(Site site, int[] axes) {
    if (axes[0] != 0 && axes[0] != 1) return Verdict.global("InstanceNormalization: statistics over the split axis");
    return perChannel(site, axes, 1, 2);
  }

  private static Verdict perChannel(Site site, int[] axes, int... parameters) {
    Verdict.Draft draft = Verdict.along(site, axes[0]).cut(0, axes[0], new RowMap.Same());
    if (axes[0] != 1) return draft.local();
    for (int i : parameters) {
      if (!site.constant(i) && axes[i] != 0) return Verdict.global("%s: computed parameters along the split axis", site.type());
      draft.cut(i, 0, new RowMap.Same());
    }
    return draft.local();
  }

  /** Statistics over channel groups and space. */
  static Verdict group(Site site, int[] axes) {
    return axes[0] == 0 ? ElementwiseRules.first(site, axes) : Verdict.global("GroupNormalization: statistics over the split axis");
  }

  /** Sums squares over channels. */
  static Verdict localResponse(Site site, int[] axes) {
    return axes[0] == 1 ? Verdict.global("LRN: sums over the split axis") : ElementwiseRules.first(site, axes);
  }

  /** Statistics over all axes from {@code axis} on. */
  static Verdict layer(Site site, int[] axes) {
    int a = axes[0];
    if (a < 0 || a >= site.axis("axis", -1, site.in(0).rank())) return Verdict.global("%s: statistics over the split axis", site.type());
    for (int i = 1; i < axes.length; i++)
      if (site.has(i) && ElementwiseRules.operand(site, i, -2, site.in(0), a) != ElementwiseRules.Operand.WHOLE)
        return Verdict.global("%s: scale varies along the split axis", site.type());
    return ElementwiseRules.first(site, axes);
  }

  /** {@code axes} attribute; image, height and width unless told. */
  static Verdict meanVariance(Site site, int[] axes) {
    long[] over = site.attributes().integers("axes");
    return ReductionRules.among(over == null ? new long[] {0, 2, 3} : over, axes[0], site.in(0).rank())
        ? Verdict.global("MeanVarianceNormalization: statistics over the split axis")
        : ElementwiseRules.first(site, axes);
  }
}
