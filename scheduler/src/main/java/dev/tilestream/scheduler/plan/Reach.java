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
 * How far a run of stages gets with the input rows that have come so far, and what it needs to get so far. Remembers every receptive
 * field that it worked out, since a search asks the same again and again.
 */
final class Reach {
  private record Key(int from, int to, int tensor, Horizon horizon) {}

  /** What stages {@code [from, to)} need for rows of one tensor. */
  final class Field {
    private final Key key;
    private final List<Integer> stages;
    private final Map<Long, List<Rows>> known = new HashMap<>();

    private Field(Key key) {
      this.key = key;
      stages = IntStream.range(key.from, key.to).boxed().toList();
    }

    /** Input rows that they need for {@code rows}. */
    List<Rows> needs(RowSpan rows) {
      long span = (long) rows.from() << 32 | rows.to();
      List<Rows> needs = known.get(span);
      if (needs == null) {
        needs = Band.of(graph, stages, List.of(new Rows(key.tensor, rows)), key.horizon).inputs();
        known.put(span, needs);
      }
      return needs;
    }
  }

  private final OperatorGraph graph;
  private final Map<Key, Field> fields = new HashMap<>();

  Reach(OperatorGraph graph) {
    this.graph = graph;
  }

  Field field(int from, int to, int tensor, Horizon horizon) {
    return fields.computeIfAbsent(new Key(from, to, tensor, horizon), Field::new);
  }

  /**
   * Chunks of {@code export}, made by stages {@code [from, to)}: each as far as the rows of its inputs named in {@code arriving} allow
   * that have come by the chunk of the same number; the last makes what is left.
   */
  Chunks pushed(int from, int to, Rows export, int n, boolean down, Map<Integer, Chunks> arriving, Horizon horizon) {
    Field field = field(from, to, export.tensor(), horizon);
    RowSpan span = export.span();
    int[] edges = new int[n];
    int so = down ? span.to() : span.from();
    for (int c = 0; c < n; c++) {
      int left = c == n - 1 ? down ? span.from() : span.to() : so;
      if (c < n - 1) {
        int low = 0;
        int high = down ? so - span.from() : span.to() - so;
        while (low < high) {
          int probe = (low + high + 1) >>> 1;
          RowSpan wanted = down ? new RowSpan(so - probe, span.to()) : new RowSpan(span.from(), so + probe);
          if (enough(field.needs(wanted), arriving, c, down)) low = probe;
          else high = probe - 1;
        }
        left = down ? so - low : so + low;
      }
      so = left;
      edges[c] = so;
    }
    return new Chunks(span, down, edges);
  }

  private static boolean enough(List<Rows> needs, Map<Integer, Chunks> arriving, int c, boolean down) {
    for (Rows need : needs) {
      Chunks chunks = arriving.get(need.tensor());
      if (chunks == null) continue;
      if (down ? need.span().from() < chunks.edge(c) : need.span().to() > chunks.edge(c)) return false;
    }
    return true;
  }
}
