package dev.tilestream.graph;

import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
  /** Tensors touched, ascending, without constants, and the rows of each. */
  private final int[] tensors;
  private final RowSpan[] rows;
  private final List<Rows> inputs;
  private final List<Rows> outputs;

  /** Takes what it is given over. */
  private Band(
      OperatorGraph graph, Horizon horizon, List<Integer> operators, int[] tensors, RowSpan[] rows, List<Rows> inputs, List<Rows> outputs) {
    this.graph = graph;
    this.horizon = horizon;
    this.operators = operators;
    this.tensors = tensors;
    this.rows = rows;
    this.inputs = inputs;
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
    Touched touched = new Touched(graph.tensors().size());
    Operator[] all = operators(graph, stages);
    for (Rows r : outputs) {
      if (!graph.tensor(r.tensor()).all().contains(r.span()))
        throw new IllegalArgumentException(
            "band: rows %s of %s (expected: within %s)"
                .formatted(r.span(), graph.tensor(r.tensor()).name(), graph.tensor(r.tensor()).all()));
      touched.need(r.tensor(), r.span());
    }
    Integer[] used = new Integer[all.length];
    int first = all.length;
    for (int i = all.length - 1; i >= 0; i--) if (trace(graph, horizon, all[i], touched)) used[--first] = all[i].id();
    for (Rows r : outputs)
      if (!touched.made.get(r.tensor()))
        throw new IllegalArgumentException(
            "band: asked for %s (expected: a tensor made by stages %s)".formatted(graph.tensor(r.tensor()).name(), stages));
    int[] tensors = touched.tensors();
    RowSpan[] rows = new RowSpan[tensors.length];
    List<Rows> in = new ArrayList<>(4);
    for (int i = 0; i < tensors.length; i++) {
      int t = tensors[i];
      rows[i] = touched.rows[t];
      if (!touched.made.get(t)) in.add(new Rows(t, rows[i]));
    }
    return new Band(graph, horizon, List.of(Arrays.copyOfRange(used, first, used.length)), tensors, rows, List.copyOf(in), outputs);
  }

  /** Those of the stages, in topological order. */
  private static Operator[] operators(OperatorGraph graph, List<Integer> stages) {
    int n = 0;
    for (int s : stages) n += graph.stage(s).operators().size();
    Operator[] all = new Operator[n];
    boolean ascending = true;
    int i = 0;
    for (int s : stages)
      for (int o : graph.stage(s).operators()) {
        all[i] = graph.operator(o);
        ascending &= i == 0 || all[i - 1].id() < o;
        i++;
      }
    if (!ascending) Arrays.sort(all, (a, b) -> Integer.compare(a.id(), b.id()));
    return all;
  }

  /** Rows needed so far, by tensor, and which tensors are made; planners make bands by the thousand, so those needed are counted along. */
  private static final class Touched {
    final RowSpan[] rows;
    final BitSet made;
    private int size;

    Touched(int tensors) {
      rows = new RowSpan[tensors];
      made = new BitSet(tensors);
    }

    void need(int tensor, RowSpan span) {
      RowSpan known = rows[tensor];
      if (known != null) {
        if (!known.contains(span)) rows[tensor] = known.hull(span);
        return;
      }
      rows[tensor] = span;
      size++;
    }

    /** Ascending. */
    int[] tensors() {
      int[] all = new int[size];
      int i = 0;
      for (int t = 0; i < size; t++) if (rows[t] != null) all[i++] = t;
      return all;
    }
  }

  /** Marks what {@code operator} reads to make the rows already marked of its outputs; false when none is. */
  private static boolean trace(OperatorGraph graph, Horizon horizon, Operator operator, Touched touched) {
    RowSpan out = null;
    for (int t : operator.outputs()) if (t >= 0 && touched.rows[t] != null) out = out == null ? touched.rows[t] : out.hull(touched.rows[t]);
    if (out == null) return false;
    boolean local = operator.local();
    for (int t : operator.outputs()) {
      if (t < 0) continue;
      touched.made.set(t);
      if (graph.tensor(t).type() != null) touched.need(t, local ? out : graph.tensor(t).all());
    }
    for (int i = 0; i < operator.inputs().size(); i++) {
      int t = operator.inputs().get(i);
      if (t < 0 || graph.tensor(t).constant()) continue;
      RowSpan span = needed(graph, horizon, operator, i, out).orElse(null);
      if (span != null) touched.need(t, span);
    }
    for (int t : operator.captured()) if (!graph.tensor(t).constant()) touched.need(t, graph.tensor(t).all());
    return true;
  }

  private static Optional<RowSpan> needed(OperatorGraph graph, Horizon horizon, Operator operator, int i, RowSpan out) {
    Tensor input = graph.tensor(operator.inputs().get(i));
    if (!operator.local() || operator.rowMap(i) instanceof RowMap.None) return Optional.of(input.all());
    if (!(operator.rowMap(i) instanceof RowMap.Window window) || horizon.unlimited()) return operator.rowMap(i).inputRows(out);
    RowSpan real = horizon.real(graph, operator, window, out);
    return window.within(real).inputRows(out).map(span -> span.shift(real.from()));
  }

  public OperatorGraph graph() {
    return graph;
  }

  /** Ids of the operators that run, in topological order. */
  public List<Integer> operators() {
    return operators;
  }

  /** Rows of {@code tensor} that exist while the band runs: held for inputs, computed for the rest; empty when untouched, as constants are. */
  public Optional<RowSpan> rows(int tensor) {
    int i = Arrays.binarySearch(tensors, tensor);
    return i < 0 ? Optional.empty() : Optional.of(rows[i]);
  }

  /** How many rows of {@code tensor} exist while the band runs; 0 when untouched. */
  public int rowCount(int tensor) {
    int i = Arrays.binarySearch(tensors, tensor);
    return i < 0 ? 0 : rows[i].rows();
  }

  /** Rows of input {@code i} that {@code operator} reads to make rows {@code out}; empty when it reads none. */
  public Optional<RowSpan> needed(Operator operator, int i, RowSpan out) {
    return needed(graph, horizon, operator, i, out);
  }

  /** Rows that exist of the input of a window operator that makes rows {@code out}; what lies beyond is padding. */
  public RowSpan real(Operator operator, RowMap.Window window, RowSpan out) {
    return horizon.real(graph, operator, window, out);
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
    for (int t : operator.outputs()) if (t >= 0 && rowCount(t) > 0) return rows(t).get();
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
    return o instanceof Band b && graph.hash().equals(b.graph.hash()) && horizon.equals(b.horizon) && operators.equals(b.operators)
        && outputs.equals(b.outputs) && Arrays.equals(tensors, b.tensors) && Arrays.equals(rows, b.rows);
  }

  @Override
  public int hashCode() {
    return 31 * operators.hashCode() + outputs.hashCode();
  }
}
