package dev.tilestream.graph;

import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A run of stages on a span of rows: for every tensor it touches, exactly which rows are needed or made, halos included. This is the
 * one place where receptive fields are composed; planning, routing and kernels all read it.
 *
 * <p>A tensor made inside and read by several operators is made on the hull of what they need and what is asked of the band itself.
 * Global operators need and make everything. Under a limited {@link Horizon}, windows need no more than what is in sight.
 */
public final class Band {
  private final OperatorGraph graph;
  private final Horizon horizon;
  private final List<Integer> operators;
  private final RowSpan[] rows;
  private final List<Rows> inputs;
  private final List<Rows> outputs;

  private Band(OperatorGraph graph, Horizon horizon, List<Integer> operators, RowSpan[] rows, List<Rows> inputs, List<Rows> outputs) {
    this.graph = graph;
    this.horizon = horizon;
    this.operators = List.copyOf(operators);
    this.rows = rows;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
  }

  /**
   * @param stages ids in ascending order; operators that contribute to no output are left out
   * @param outputs rows asked for, of tensors that these stages make
   */
  public static Band of(OperatorGraph graph, List<Integer> stages, List<Rows> outputs) {
    return of(graph, stages, outputs, Horizon.EXACT);
  }

  /** The same, seeing no further than {@code horizon}. */
  public static Band of(OperatorGraph graph, List<Integer> stages, List<Rows> outputs, Horizon horizon) {
    RowSpan[] rows = new RowSpan[graph.tensors().size()];
    boolean[] made = new boolean[rows.length];
    List<Operator> all = new ArrayList<>();
    for (int s : stages) for (int o : graph.stage(s).operators()) all.add(graph.operator(o));
    all.sort((a, b) -> Integer.compare(a.id(), b.id()));
    for (Operator o : all) for (int t : o.outputs()) if (t >= 0) made[t] = true;
    for (Rows r : outputs) {
      if (!made[r.tensor()])
        throw new IllegalArgumentException(
            "band: asked for %s (expected: a tensor made by stages %s)".formatted(graph.tensor(r.tensor()).name(), stages));
      if (!graph.tensor(r.tensor()).all().contains(r.span()))
        throw new IllegalArgumentException(
            "band: rows %s of %s (expected: within %s)"
                .formatted(r.span(), graph.tensor(r.tensor()).name(), graph.tensor(r.tensor()).all()));
      need(rows, r.tensor(), r.span());
    }
    List<Integer> used = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i--) if (trace(graph, horizon, all.get(i), rows)) used.add(all.get(i).id());
    Collections.reverse(used);
    List<Rows> in = new ArrayList<>();
    for (int t = 0; t < rows.length; t++) if (rows[t] != null && !made[t] && !graph.tensor(t).constant()) in.add(new Rows(t, rows[t]));
    return new Band(graph, horizon, used, rows, in, outputs);
  }

  /** Marks what {@code operator} reads to make the rows already marked of its outputs; false when none is. */
  private static boolean trace(OperatorGraph graph, Horizon horizon, Operator operator, RowSpan[] rows) {
    RowSpan out = null;
    for (int t : operator.outputs()) if (t >= 0 && rows[t] != null) out = out == null ? rows[t] : out.hull(rows[t]);
    if (out == null) return false;
    boolean local = operator.local();
    for (int t : operator.outputs()) if (t >= 0 && graph.tensor(t).type() != null) need(rows, t, local ? out : graph.tensor(t).all());
    for (int i = 0; i < operator.inputs().size(); i++) {
      int t = operator.inputs().get(i);
      if (t < 0) continue;
      needed(graph, horizon, operator, i, out).ifPresent(span -> need(rows, t, span));
    }
    for (int t : operator.captured()) need(rows, t, graph.tensor(t).all());
    return true;
  }

  private static Optional<RowSpan> needed(OperatorGraph graph, Horizon horizon, Operator operator, int i, RowSpan out) {
    Tensor input = graph.tensor(operator.inputs().get(i));
    if (!operator.local() || operator.rowMap(i) instanceof RowMap.None) return Optional.of(input.all());
    if (!(operator.rowMap(i) instanceof RowMap.Window window) || horizon.unlimited()) return operator.rowMap(i).inputRows(out);
    RowSpan real = horizon.real(graph, input, window, out);
    return window.within(real).inputRows(out).map(span -> span.shift(real.from()));
  }

  private static void need(RowSpan[] rows, int tensor, RowSpan span) {
    rows[tensor] = rows[tensor] == null ? span : rows[tensor].hull(span);
  }

  public OperatorGraph graph() {
    return graph;
  }

  /** Ids of the operators that run, in topological order. */
  public List<Integer> operators() {
    return operators;
  }

  /** Rows of {@code tensor} that exist while the band runs: held for inputs, computed for the rest; empty when untouched. */
  public Optional<RowSpan> rows(int tensor) {
    return Optional.ofNullable(rows[tensor]);
  }

  /** Rows of input {@code i} that {@code operator} reads to make rows {@code out}; empty when it reads none. */
  public Optional<RowSpan> needed(Operator operator, int i, RowSpan out) {
    return needed(graph, horizon, operator, i, out);
  }

  /** Rows that exist of the input of a window operator that makes rows {@code out}; what lies beyond is padding. */
  public RowSpan real(Operator operator, RowMap.Window window, RowSpan out) {
    return horizon.real(graph, graph.tensor(operator.inputs().get(0)), window, out);
  }

  public Horizon horizon() {
    return horizon;
  }

  /** Whether it computes what a whole machine computes: no row that an operator needs is beyond its horizon. */
  public boolean exact() {
    if (horizon.unlimited()) return true;
    for (int id : operators) {
      Operator o = graph.operator(id);
      if (!o.local() || !(o.rowMap(0) instanceof RowMap.Window window)) continue;
      RowSpan out = made(o);
      if (!needed(o, 0, out).equals(window.inputRows(out))) return false;
    }
    return true;
  }

  private RowSpan made(Operator operator) {
    for (int t : operator.outputs()) if (t >= 0 && rows[t] != null) return rows[t];
    throw new IllegalStateException("band: nothing made of " + operator.name());
  }

  /** What must be there before it runs, by ascending tensor id. */
  public List<Rows> inputs() {
    return inputs;
  }

  /** What it hands out, as asked for. */
  public List<Rows> outputs() {
    return outputs;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Band b && graph.hash().equals(b.graph.hash()) && horizon.equals(b.horizon) && operators.equals(b.operators) && outputs.equals(b.outputs)
        && Arrays.equals(rows, b.rows);
  }

  @Override
  public int hashCode() {
    return 31 * operators.hashCode() + outputs.hashCode();
  }
}
