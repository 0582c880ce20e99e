package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.RowSpan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How far a run of stages gets with the input rows that have come so far. Remembers every receptive field that it worked out, since a
 * search asks the same again and again.
 */
final class Reach {
  private record Key(int from, int to, int tensor, int start, Horizon horizon) {}

  private final OperatorGraph graph;
  private final Map<Key, Map<Integer, int[]>> known = new HashMap<>();

  Reach(OperatorGraph graph) {
    this.graph = graph;
  }

  /**
   * The last row end r in {@code [low, span.to]} such that rows {@code [span.from, r)} of {@code tensor}, made by stages
   * {@code [from, to)}, need no more than the first {@code arrived[t]} rows of each tensor t named there.
   */
  int of(int from, int to, int tensor, RowSpan span, int low, Map<Integer, Integer> arrived, Horizon horizon) {
    int sure = low;
    int end = span.to();
    while (sure < end) {
      int probe = (sure + end + 1) >>> 1;
      if (enough(new Key(from, to, tensor, span.from(), horizon), probe, arrived)) sure = probe;
      else end = probe - 1;
    }
    return sure;
  }

  private boolean enough(Key key, int end, Map<Integer, Integer> arrived) {
    int[] needs = known.computeIfAbsent(key, k -> new HashMap<>())
        .computeIfAbsent(end, e -> needs(key, e));
    for (int i = 0; i < needs.length; i += 2) {
      Integer so = arrived.get(needs[i]);
      if (so != null && needs[i + 1] > so) return false;
    }
    return true;
  }

  /** Pairs of an input tensor and the end of the rows needed of it. */
  private int[] needs(Key key, int end) {
    List<Integer> stages = IntStream.range(key.from, key.to).boxed().toList();
    Rows rows = new Rows(key.tensor, new RowSpan(key.start, end));
    List<Rows> inputs = Band.of(graph, stages, List.of(rows), key.horizon).inputs();
    int[] needs = new int[inputs.size() * 2];
    for (int i = 0; i < inputs.size(); i++) {
      needs[2 * i] = inputs.get(i).tensor();
      needs[2 * i + 1] = inputs.get(i).span().to();
    }
    return needs;
  }
}
