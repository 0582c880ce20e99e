package dev.tilestream.postprocess;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A box that may be something. */
record Candidate(int index, double score, Box box) {
  /** What is sorted and compared with each other at most; the rest scores less. */
  private static final int CONSIDERED = 30_000;

  /**
   * Greedy non-maximum suppression, by class: the best first, without those that overlap a better one.
   *
   * @param overlap from which on the lesser goes
   */
  static List<Candidate> best(List<Candidate> all, double overlap, int most) {
    List<Candidate> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingDouble((Candidate c) -> -c.score).thenComparingInt(Candidate::index));
    List<Candidate> kept = new ArrayList<>();
    for (Candidate c : sorted.subList(0, Math.min(CONSIDERED, sorted.size()))) {
      if (kept.size() == most) break;
      if (kept.stream().noneMatch(k -> k.index == c.index && k.box.overlap(c.box) > overlap)) kept.add(c);
    }
    return kept;
  }
}
