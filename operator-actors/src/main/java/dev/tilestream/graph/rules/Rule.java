package dev.tilestream.graph.rules;

/** Locality of one operator type. */
@FunctionalInterface
interface Rule {
  /**
   * @param site all its tensors that are there have static shapes with at least one element
   * @param axes split axis of each input; -1 for constants, for inputs left out, and for those that are to be held whole
   */
  Verdict judge(Site site, int[] axes);
}
