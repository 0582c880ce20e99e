package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Search.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Starts for a search: what is before a run of local stages on one device, the run shared by rows, what is behind on one device, everything
 * that crosses the air streamed. A coarse scan over where the shared run begins and ends and how it is shared.
 */
final class Splits {
  private static final double[] FIRST_SHARES = {0.3, 0.65};
  private static final double[] MORE_SHARES = {0.12, 0.45, 0.85};

  /** Stages {@code [from, to)} shared by source and helpers, the source's share {@code share}. */
  private record Split(int from, int to, int starter, int finisher, List<Integer> helpers, double share, int chunks) {
    Split sharing(double x) {
      return new Split(from, to, starter, finisher, helpers, x, chunks);
    }
  }

  private record Judged(Split split, Candidate candidate) {}

  private static final Comparator<Judged> BEST_FIRST = Comparator.comparingDouble(j -> j.candidate.score());

  private final Search search;
  private final int devices;
  private final int stages;
  private final int places;

  /** @param places where a shared run may begin or end, in one run of local stages */
  Splits(Search search, int places) {
    this.search = search;
    this.places = places;
    devices = search.fleet().size();
    stages = search.stages();
  }

  /** The best of the scan that are not alike, best first. */
  List<Candidate> best(int count, long limit) {
    List<Split> scan = new ArrayList<>();
    for (int[] run : localRuns()) scan(run[0], run[1], scan);
    List<Judged> judged = judged(scan, limit);
    List<Split> more = new ArrayList<>();
    for (Judged j : judged.subList(0, Math.min(4 * count, judged.size()))) for (double x : MORE_SHARES) more.add(j.split.sharing(x));
    judged.addAll(judged(more, limit));
    judged.sort(BEST_FIRST);
    List<Judged> kept = new ArrayList<>();
    for (Judged j : judged) {
      if (kept.size() == count) break;
      if (kept.stream().noneMatch(k -> alike(k.split, j.split))) kept.add(j);
    }
    return kept.stream().map(Judged::candidate).toList();
  }

  private List<Judged> judged(List<Split> splits, long limit) {
    List<Judged> judged = new ArrayList<>();
    for (Split s : splits) {
      if (search.cost() >= limit && !judged.isEmpty()) break;
      judged.add(new Judged(s, search.judge(layout(s))));
    }
    judged.sort(BEST_FIRST);
    return judged;
  }

  private boolean alike(Split a, Split b) {
    int near = Math.max(1, stages / (2 * places));
    return a.finisher == b.finisher && a.helpers.equals(b.helpers) && a.chunks == b.chunks && Math.abs(a.from - b.from) <= near
        && Math.abs(a.to - b.to) <= near;
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
    runs.sort(Comparator.comparingDouble((int[] r) -> -work(r[0], r[1])));
    return runs.subList(0, Math.min(2, runs.size()));
  }

  private double work(int from, int to) {
    double sum = 0;
    for (int s = from; s < to; s++) sum += search.fleet().device(Plan.SOURCE).stages().get(s).whole();
    return sum;
  }

  /** Cuts from {@code from} to {@code to}, both included where allowed, spread over the work, the narrowest near each. */
  private TreeSet<Integer> cuts(int from, int to) {
    TreeSet<Integer> cuts = new TreeSet<>();
    if (search.cuts().allowed(from)) cuts.add(from);
    double all = work(from, to);
    double so = 0;
    int narrowest = -1;
    for (int s = from; s < to; s++) {
      double before = so;
      so += work(s, s + 1);
      int cut = s + 1;
      boolean open = cut == stages || search.cuts().allowed(cut);
      if (open && (narrowest < 0 || search.cuts().crossingBytes(cut) <= search.cuts().crossingBytes(narrowest))) narrowest = cut;
      if (narrowest >= 0 && ((int) (before / all * places) != (int) (so / all * places) || s == to - 1)) {
        cuts.add(narrowest);
        narrowest = -1;
      }
    }
    if (to == stages || search.cuts().allowed(to)) cuts.add(to);
    return cuts;
  }

  private void scan(int first, int end, List<Split> into) {
    List<Integer> cuts = new ArrayList<>(cuts(first, end));
    int chunks = Math.min(8, search.options().maxChunks());
    for (double x : FIRST_SHARES)
      for (List<Integer> helpers : helpers())
        for (int from : cuts)
          for (int to : cuts) {
            if (to <= from) continue;
            for (int starter : from == 0 ? Set.of(Plan.SOURCE) : ends(helpers))
              for (int finisher : to == stages ? Set.of(Plan.SOURCE) : ends(helpers))
                into.add(new Split(from, to, starter, finisher, helpers, x, chunks));
          }
  }

  private static Set<Integer> ends(List<Integer> helpers) {
    return new LinkedHashSet<>(List.of(Plan.SOURCE, helpers.get(0)));
  }

  private List<List<Integer>> helpers() {
    List<List<Integer>> helpers = new ArrayList<>();
    for (int d = 1; d < devices; d++) helpers.add(List.of(d));
    if (devices > 2) helpers.add(IntStream.range(1, devices).boxed().toList());
    return helpers;
  }

  /** Helpers have the first rows, which a streamed starter makes first; what they share goes by how fast they are. */
  private Layout layout(Split s) {
    List<Segment> segments = new ArrayList<>();
    if (s.from > 0) segments.add(Segment.on(s.starter, devices, 0, s.from).with(pieces(s.from, s.chunks)));
    double[] weights = new double[devices];
    double speeds = s.helpers.stream().mapToDouble(d -> speed(d, s)).sum();
    for (int d : s.helpers) weights[d] = (1 - s.share) * speed(d, s) / speeds;
    weights[Plan.SOURCE] = s.share;
    int[] order = new int[s.helpers.size() + 1];
    for (int i = 0; i < s.helpers.size(); i++) order[i] = s.helpers.get(i);
    order[s.helpers.size()] = Plan.SOURCE;
    Segment shared = Segment.ordered(s.from, s.to, order, weights).with(pieces(s.to - s.from, s.chunks));
    boolean stays = s.to == stages || s.finisher == Plan.SOURCE;
    segments.add(stays ? shared.with(Plan.SOURCE, shared.part(Plan.SOURCE).with(Streaming.NONE)) : shared);
    if (s.to < stages) {
      Segment last = Segment.on(s.finisher, devices, s.to, stages);
      segments.add(s.finisher == Plan.SOURCE ? last : last.with(pieces(stages - s.to, s.chunks)));
    }
    return new Layout(segments);
  }

  private double speed(int device, Split s) {
    double seconds = 0;
    for (int i = s.from; i < s.to; i++) seconds += search.fleet().device(device).stages().get(i).whole();
    return 1 / Math.max(1e-9, seconds);
  }

  private static Streaming pieces(int stages, int chunks) {
    int groups = Math.max(1, Math.min(6, (stages + 5) / 6));
    return chunks < 2 ? Streaming.NONE : new Streaming(0, stages, groups, chunks, false, true, 1);
  }
}
