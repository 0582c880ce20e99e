package dev.tilestream.graph.logged;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.RowSpan;
import java.util.Arrays;
import java.util.OptionalLong;

/** How far a row of the last local tensor looks beyond its own part of the input, had the input no border. */
final class DeepestHalo {
  private final OperatorGraph graph;
  private final long[] first;

  private DeepestHalo(OperatorGraph graph) {
    this.graph = graph;
    first = new long[graph.tensors().size()];
    Arrays.fill(first, Long.MAX_VALUE);
  }

  /** Rows of the first input; 0 where the graph does not start with local stages. */
  static int of(OperatorGraph graph) {
    Tensor last = null;
    for (Stage s : graph.stages()) {
      if (!s.local()) break;
      for (int t : s.outputs()) if (graph.tensor(t).rows() > 1) last = graph.tensor(t);
    }
    return last == null ? 0 : new DeepestHalo(graph).below(last, last.rows() / 2);
  }

  private int below(Tensor tensor, int row) {
    first[tensor.id()] = row;
    for (int o = graph.operators().size() - 1; o >= 0; o--) if (graph.operator(o).local()) trace(graph.operator(o));
    Tensor input = graph.tensor(graph.inputs().get(0));
    long own = (long) input.rows() * row / tensor.rows();
    return first[input.id()] == Long.MAX_VALUE ? 0 : (int) Math.max(0, own - first[input.id()]);
  }

  private void trace(Operator o) {
    long row = first[o.outputs().get(0)];
    if (row == Long.MAX_VALUE) return;
    for (int i = 0; i < o.inputs().size(); i++) {
      int t = o.inputs().get(i);
      OptionalLong from = from(o.rowMap(i), row, graph.tensor(t).rows(), graph.tensor(o.outputs().get(0)).rows());
      if (from.isPresent()) first[t] = Math.min(first[t], from.getAsLong());
    }
  }

  private static OptionalLong from(RowMap map, long row, int rowsIn, int rowsOut) {
    if (map instanceof RowMap.Same) return OptionalLong.of(row);
    if (map instanceof RowMap.Window w) return OptionalLong.of(row * w.stride() - w.padBefore());
    if (map instanceof RowMap.Blocks b) return OptionalLong.of(Math.floorDiv(row, (long) b.outPer()) * b.inPer());
    // Away from the borders every other map of a log repeats itself: rowsOut / rowsIn rows on, it sees one row on.
    int period = Math.max(1, rowsOut / Math.max(1, rowsIn));
    long middle = rowsOut / 2 / period * (long) period + Math.floorMod(row, period);
    long moved = (row - middle) / period;
    RowSpan seen = map.inputRows(new RowSpan((int) middle, (int) middle + 1)).orElse(null);
    return seen == null ? OptionalLong.empty() : OptionalLong.of(seen.from() + moved);
  }
}
