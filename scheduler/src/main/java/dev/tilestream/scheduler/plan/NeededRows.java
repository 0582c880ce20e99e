package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.RowSpan;
import java.util.BitSet;
import java.util.Optional;

/** Rows of each tensor without which some row of an answer cannot be made: whatever the tiles, somebody makes each of them. */
final class NeededRows {
  private final OperatorGraph graph;
  private final BitSet[] rows;

  NeededRows(OperatorGraph graph) {
    this.graph = graph;
    rows = new BitSet[graph.tensors().size()];
    for (int t = 0; t < rows.length; t++) rows[t] = new BitSet();
    for (int t : graph.outputs()) rows[t].set(0, graph.tensor(t).rows());
    for (int i = graph.operators().size() - 1; i >= 0; i--) trace(graph.operator(i));
  }

  private void trace(Operator o) {
    BitSet out = made(o);
    if (out.isEmpty()) return;
    for (int i = 0; i < o.inputs().size(); i++) {
      int t = o.inputs().get(i);
      if (t < 0 || graph.tensor(t).constant()) continue;
      if (whole(o, i)) {
        rows[t].set(0, graph.tensor(t).rows());
        continue;
      }
      for (int r = out.nextSetBit(0); r >= 0; r = out.nextSetBit(r + 1))
        of(o, i, r).ifPresent(span -> rows[t].set(span.from(), span.to()));
    }
    for (int t : o.captured()) if (!graph.tensor(t).constant()) rows[t].set(0, graph.tensor(t).rows());
  }

  /** Rows that {@code o} has to make. */
  private BitSet made(Operator o) {
    BitSet out = new BitSet();
    for (int t : o.outputs()) if (t >= 0) out.or(rows[t]);
    return out;
  }

  /** Whether {@code o} needs all of input {@code i} for any row. */
  boolean whole(Operator o, int i) {
    return !o.local() || o.rowMap(i) instanceof RowMap.None || o.rowMap(i) instanceof RowMap.Whole;
  }

  private static Optional<RowSpan> of(Operator o, int i, int row) {
    return o.rowMap(i).inputRows(new RowSpan(row, row + 1));
  }

  boolean runs(Operator o) {
    return !made(o).isEmpty();
  }

  int count(int tensor) {
    return rows[tensor].cardinality();
  }

  /** Least share of its rows that {@code o} makes. */
  double share(Operator o) {
    if (!o.local()) return 1;
    double least = 1;
    for (int t : o.outputs())
      if (t >= 0 && !rows[t].isEmpty()) least = Math.min(least, rows[t].cardinality() / (double) graph.tensor(t).rows());
    return least;
  }

  /**
   * The largest w such that a share x of what {@code o} makes needs at least a share w x of what is needed of input {@code i}, whichever
   * rows they are: each input row is counted for that output row alone which stands at the same height.
   */
  double reach(Operator o, int i) {
    int t = o.inputs().get(i);
    BitSet out = made(o);
    if (whole(o, i)) return 1;
    int made = 0;
    for (int x : o.outputs()) if (x >= 0) made = Math.max(made, graph.tensor(x).rows());
    double height = graph.tensor(t).rows() / (double) made;
    double least = Double.POSITIVE_INFINITY;
    for (int r = out.nextSetBit(0); r >= 0 && least > 0; r = out.nextSetBit(r + 1)) {
      RowSpan span = of(o, i, r).orElse(null);
      least = Math.min(least, span == null ? 0 : counted(rows[t], span, r * height, (r + 1) * height));
    }
    return Math.min(1, least * out.cardinality() / rows[t].cardinality());
  }

  /** How much of {@code [low, high)} is needed rows within {@code span}. */
  private static double counted(BitSet needed, RowSpan span, double low, double high) {
    double sum = 0;
    for (int r = Math.max(span.from(), (int) Math.floor(low)); r < Math.min(span.to(), (int) Math.ceil(high)); r++)
      if (needed.get(r)) sum += Math.min(r + 1, high) - Math.max(r, low);
    return sum;
  }
}
