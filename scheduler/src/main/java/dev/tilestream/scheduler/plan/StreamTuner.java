package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.plan.Search.Candidate;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds in which pieces the devices of a layout should take their segments, one segment after the other, one number after the other,
 * as long as it helps: a descent along coordinates on the simulator.
 */
final class StreamTuner {
  private final Search search;

  StreamTuner(Search search) {
    this.search = search;
  }

  /** The best found; never worse than {@code layout} as it is. */
  Candidate tune(Layout layout) {
    Candidate best = search.judge(layout);
    for (int i = 0; i < layout.segments().size(); i++) {
      if (search.options().maxChunks() < 2) return best;
      best = Search.better(best, descend(best, i, false));
      if (i < layout.segments().size() - 1) best = Search.better(best, descend(best, i, true));
    }
    return best;
  }

  /** Varies how segment {@code i} is taken: its first stages in pieces, or with {@code tail} its last. */
  private Candidate descend(Candidate start, int i, boolean tail) {
    int all = start.layout().segments().get(i).stages();
    int chunks = Math.min(4, search.options().maxChunks());
    Candidate best = null;
    for (int stages : windows(all)) best = Search.better(best, judge(start, i, tail, stages, Math.min(stages, 2), chunks));
    if (best == null) return start;
    for (int round = 0; round < 2; round++) {
      Candidate before = best;
      for (int c : new int[] {2, 4, 8, 16, 32}) if (c <= search.options().maxChunks()) best = vary(start, best, i, tail, 0, 0, c);
      for (int g : new int[] {1, 2, 3, 4, 6}) best = vary(start, best, i, tail, 0, g, 0);
      int stages = best.layout().segments().get(i).streaming().stages();
      int step = Math.max(1, stages / 4);
      best = vary(start, best, i, tail, Math.min(all, stages + step), 0, 0);
      best = vary(start, best, i, tail, Math.max(1, stages - step), 0, 0);
      if (best.score() >= before.score()) break;
    }
    return best;
  }

  /** {@code best} with one number changed, where that is quicker; 0 leaves a number as it is. */
  private Candidate vary(Candidate start, Candidate best, int i, boolean tail, int stages, int groups, int chunks) {
    Streaming now = best.layout().segments().get(i).streaming();
    int n = stages == 0 ? now.stages() : stages;
    int g = Math.min(n, groups == 0 ? now.groups() : groups);
    return Search.better(best, judge(start, i, tail, n, Math.max(1, g), chunks == 0 ? now.chunks() : chunks));
  }

  private Candidate judge(Candidate start, int i, boolean tail, int stages, int groups, int chunks) {
    int all = start.layout().segments().get(i).stages();
    Streaming streaming = tail ? Streaming.tail(all, stages, groups, chunks) : Streaming.head(stages, groups, chunks);
    return search.judge(start.layout().with(i, streaming));
  }

  /** How many stages to take in pieces: 1, and growing shares of all. */
  private static List<Integer> windows(int all) {
    List<Integer> windows = new ArrayList<>();
    for (int n : new int[] {1, 2, 4, all / 8, all / 4, all / 2, all})
      if (n >= 1 && n <= all && !windows.contains(n)) windows.add(n);
    return windows;
  }
}
