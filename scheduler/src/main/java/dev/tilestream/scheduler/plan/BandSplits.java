package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Search.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Splits of a run of local stages over several devices by rows, each making its own halo, or sending it to its neighbours at some
 * stages inside, with what is before on one device and what is behind on another. A coarse scan over where the rows merge and how they
 * are shared, then a descent from the best of it.
 */
final class BandSplits {
  private static final int MERGES = 12;
  private static final double[] SOURCE_SHARES = {0.12, 0.3, 0.5, 0.7, 0.88};
  private static final double SMALLEST_SHARE = 0.01;

  /**
   * Stages {@code [from, to)} shared by weights, one for each device; those before on {@code starter}, those behind on {@code finisher}.
   *
   * @param exchanges cuts inside, ascending, where halos are exchanged instead of recomputed
   * @param streaming of the stages up to the first exchange
   */
  private record Split(int from, int to, int starter, int finisher, List<Double> weights, List<Integer> exchanges, Streaming streaming) {
    Split with(List<Integer> cuts) {
      return new Split(from, to, starter, finisher, weights, cuts, streaming);
    }
  }

  private final Search search;
  private final int devices;
  private final int stages;
  private final StreamTuner tuner;

  BandSplits(Search search) {
    this.search = search;
    devices = search.fleet().size();
    stages = search.stages();
    tuner = new StreamTuner(search);
  }

  /** The best found; null when nothing can be split. */
  Candidate best() {
    List<Split> scan = new ArrayList<>();
    for (int[] run : localRuns())
      for (int merge : merges(run[0], run[1])) scan(run[0], merge, scan);
    scan.sort(Comparator.comparingDouble(s -> judge(s).score()));
    Candidate best = null;
    for (Split s : apart(scan)) {
      Split found = descend(s);
      Candidate tuned = tuner.tune(layout(found));
      Streaming streaming = streaming(tuned, found);
      best = Search.better(best, tuned);
      if (!streaming.equals(Streaming.NONE)) {
        Split again = descend(new Split(found.from, found.to, found.starter, found.finisher, found.weights, found.exchanges, streaming));
        best = Search.better(best, tuner.tune(layout(again)));
      }
    }
    return best;
  }

  /** The two runs of local stages with most work. */
  private List<int[]> localRuns() {
    List<int[]> runs = new ArrayList<>();
    int from = 0;
    for (int s = 0; s <= stages; s++) {
      boolean local = s < stages && search.graph().stage(s).local();
      if (!local && s > from) runs.add(new int[] {from, s});
      if (!local) from = s + 1;
    }
    runs.removeIf(r -> !search.cuts().allowed(r[0]));
    runs.sort(Comparator.comparingDouble((int[] r) -> -work(r[0], r[1])));
    return runs.subList(0, Math.min(2, runs.size()));
  }

  private double work(int from, int to) {
    double sum = 0;
    for (int s = from; s < to; s++) sum += search.fleet().device(Plan.SOURCE).stages().get(s).whole();
    return sum;
  }

  /** Ends of a split from {@code from} on, spread over the work, the narrowest place near each. */
  private TreeSet<Integer> merges(int from, int to) {
    TreeSet<Integer> merges = new TreeSet<>();
    double all = work(from, to);
    double so = 0;
    int narrowest = -1;
    for (int s = from; s < to; s++) {
      double before = so;
      so += work(s, s + 1);
      int cut = s + 1;
      if (cut < stages && !search.cuts().allowed(cut)) continue;
      if (narrowest < 0 || search.cuts().crossingBytes(cut) <= search.cuts().crossingBytes(narrowest)) narrowest = cut;
      if ((int) (before / all * MERGES) != (int) (so / all * MERGES) || s == to - 1) {
        merges.add(narrowest);
        narrowest = -1;
      }
    }
    return merges;
  }

  /** Shares between the source and every single other device, and all of them together. */
  private void scan(int from, int to, List<Split> into) {
    List<List<Integer>> helpers = new ArrayList<>();
    for (int d = 1; d < devices; d++) helpers.add(List.of(d));
    if (devices > 2) helpers.add(java.util.stream.IntStream.range(1, devices).boxed().toList());
    for (List<Integer> peers : helpers)
      for (double x : SOURCE_SHARES) {
        Double[] weights = new Double[devices];
        java.util.Arrays.fill(weights, 0.0);
        weights[Plan.SOURCE] = x;
        for (int p : peers) weights[p] = (1 - x) / peers.size();
        for (int starter : from == 0 ? new int[] {Plan.SOURCE} : new int[] {Plan.SOURCE, peers.get(0)}) {
          into.add(new Split(from, to, starter, Plan.SOURCE, List.of(weights), List.of(), Streaming.NONE));
          if (to < stages) into.add(new Split(from, to, starter, peers.get(0), List.of(weights), List.of(), Streaming.NONE));
        }
      }
  }

  /** The best of the scan that differ in more than the share. */
  private List<Split> apart(List<Split> sorted) {
    List<Split> kept = new ArrayList<>();
    for (Split s : sorted) {
      if (kept.size() == search.options().effort()) break;
      if (kept.stream().noneMatch(k -> k.finisher == s.finisher && k.from == s.from && Math.abs(k.to - s.to) <= stages / MERGES))
        kept.add(s);
    }
    return kept;
  }

  /** Walks to better neighbours until there is none. */
  private Split descend(Split start) {
    Split best = start;
    for (int round = 0; round < 8; round++) {
      Split before = best;
      for (double step : new double[] {0.16, 0.08, 0.04, 0.02})
        for (int d = 0; d < devices; d++) {
          best = better(best, weighted(best, d, step));
          best = better(best, weighted(best, d, -step));
        }
      for (int step : new int[] {8, 4, 2, 1})
        for (int sign = -1; sign <= 1; sign += 2) {
          best = better(best, spanning(best, best.from, best.to + sign * step));
          best = better(best, spanning(best, best.from + sign * step, best.to));
        }
      for (int cut : merges(best.from, best.to)) best = better(best, toggled(best, cut));
      for (int d = 0; d < devices; d++)
        best = better(best, new Split(best.from, best.to, best.starter, d, best.weights, best.exchanges, best.streaming));
      if (best == before) break;
    }
    return best;
  }

  private Split better(Split a, Split b) {
    return b == null || judge(b).score() >= judge(a).score() ? a : b;
  }

  /** Device {@code d} with {@code step} more, the others in proportion less; null when that leaves the range. */
  private static Split weighted(Split s, int d, double step) {
    double mine = s.weights.get(d) + step;
    double others = 1 - s.weights.get(d);
    if (mine > 1 || others < SMALLEST_SHARE) return null;
    double kept = mine < SMALLEST_SHARE ? 0 : mine;
    List<Double> weights = new ArrayList<>();
    for (int i = 0; i < s.weights.size(); i++) weights.add(i == d ? kept : s.weights.get(i) * (1 - kept) / others);
    return new Split(s.from, s.to, s.starter, s.finisher, weights, s.exchanges, s.streaming);
  }

  private Split spanning(Split s, int from, int to) {
    if (from < 0 || to > stages || from >= to || !search.cuts().allowed(from) || to < stages && !search.cuts().allowed(to)) return null;
    for (int i = from; i < to; i++) if (!search.graph().stage(i).local()) return null;
    List<Integer> inside = s.exchanges.stream().filter(k -> from < k && k < to).toList();
    return new Split(from, to, s.starter, s.finisher, s.weights, inside, s.streaming);
  }

  /** With an exchange at {@code cut} where there was none, without it where there was; null at the ends. */
  private static Split toggled(Split s, int cut) {
    if (cut <= s.from || cut >= s.to) return null;
    TreeSet<Integer> cuts = new TreeSet<>(s.exchanges);
    if (!cuts.remove(cut)) cuts.add(cut);
    return s.with(List.copyOf(cuts));
  }

  private Candidate judge(Split s) {
    return search.judge(layout(s));
  }

  private Layout layout(Split s) {
    List<Segment> segments = new ArrayList<>();
    if (s.from > 0) segments.add(Segment.on(s.starter, devices, 0, s.from));
    double[] weights = s.weights.stream().mapToDouble(w -> w).toArray();
    int at = s.from;
    for (int k = 0; k <= s.exchanges.size(); k++) {
      int end = k < s.exchanges.size() ? s.exchanges.get(k) : s.to;
      segments.add(Segment.shared(at, end, weights).with(k == 0 ? s.streaming : Streaming.NONE));
      at = end;
    }
    if (s.to < stages) segments.add(Segment.on(s.finisher, devices, s.to, stages));
    return new Layout(segments);
  }

  /** How the tuned layout takes the split segment. */
  private static Streaming streaming(Candidate tuned, Split s) {
    return tuned.layout().segments().get(s.from > 0 ? 1 : 0).streaming();
  }
}
