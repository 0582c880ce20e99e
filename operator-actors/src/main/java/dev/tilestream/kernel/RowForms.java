package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Operators that pick or join rows along the split axis: on a band, the rows that this span picks. */
final class RowForms {
  private RowForms() {}

  static void concat(BandWriter w, Operator operator, RowSpan out) {
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < operator.inputs().size(); i++) {
      int t = operator.inputs().get(i);
      RowMap map = operator.rowMap(i);
      if (map instanceof RowMap.None) parts.add(w.cut(t, w.graph().tensor(t).all()));
      else map.inputRows(out).ifPresent(rows -> parts.add(w.cut(t, rows)));
    }
    int axis = (int) Attributes.of(operator.node()).integer("axis", 1);
    if (parts.size() == 1) Nodes.identity(w, parts.get(0), made.name());
    else Nodes.concat(w, parts, axis < 0 ? axis + made.shape().rank() : axis, made.name());
  }

  /** Rows of the first input along the split axis by its map, then the slice's other axes. */
  static void slice(BandWriter w, Operator operator, RowSpan out) {
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    Bounds rest = Bounds.of(w, operator).without(made.axis());
    String picked = picked(w, operator, out, rest.none() ? made.name() : w.fresh(made.name()));
    if (!rest.none()) Nodes.slice(w, picked, rest.axes, rest.starts, rest.ends, rest.steps, made.name());
    else if (!picked.equals(made.name())) Nodes.identity(w, picked, made.name());
  }

  static void gather(BandWriter w, Operator operator, RowSpan out) {
    RowMap map = operator.rowMap(0);
    if (map instanceof RowMap.Same || map instanceof RowMap.None || map instanceof RowMap.Whole) OperatorForms.plain(w, operator, out);
    else pickInto(w, operator, out);
  }

  static void tile(BandWriter w, Operator operator, RowSpan out) {
    if (!(operator.rowMap(0) instanceof RowMap.Table)) {
      OperatorForms.plain(w, operator, out);
      return;
    }
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    long[] repeats = new long[made.shape().rank()];
    for (int i = 0; i < repeats.length; i++) repeats[i] = i == made.axis() ? 1 : made.shape().dim(i) / input.shape().dim(i);
    String picked = picked(w, operator, out, w.fresh(made.name()));
    w.add(Nodes.node("Tile", List.of(picked, w.integers(repeats)), made.name()));
  }

  private static void pickInto(BandWriter w, Operator operator, RowSpan out) {
    String name = w.graph().tensor(OperatorForms.output(operator)).name();
    String picked = picked(w, operator, out, name);
    if (!picked.equals(name)) Nodes.identity(w, picked, name);
  }

  /** Name of the input's rows that the operator's map picks, one for each of {@code out}: {@code to}, or that of a plain cut. */
  static String picked(BandWriter w, Operator operator, RowSpan out, String to) {
    int t = operator.inputs().get(0);
    Tensor tensor = w.graph().tensor(t);
    RowMap map = operator.rowMap(0);
    Optional<RowSpan> needed = map.inputRows(out);
    if (map instanceof RowMap.None) return w.cut(t, tensor.all());
    RowSpan rows = needed.orElseThrow(() -> OperatorForms.refusal(operator, "none of its input's rows for rows " + out));
    String cut = w.cut(t, rows);
    if (!(map instanceof RowMap.Table table)) return cut;
    long[] indices = indices(operator, table, out, rows.from());
    if (consecutive(indices, rows.rows())) return cut;
    return Nodes.gather(w, cut, tensor.axis(), indices, to);
  }

  /** Index into the held rows of the one input row that each output row is. */
  static long[] indices(Operator operator, RowMap.Table table, RowSpan out, int heldFrom) {
    long[] indices = new long[out.rows()];
    for (int i = 0; i < indices.length; i++) {
      int r = out.from() + i;
      if (table.to()[r] != table.from()[r] + 1) throw OperatorForms.refusal(operator, "several input rows for output row " + r);
      indices[i] = table.from()[r] - heldFrom;
    }
    return indices;
  }

  static boolean consecutive(long[] indices, int rows) {
    if (indices.length != rows) return false;
    for (int i = 0; i < rows; i++) if (indices[i] != i) return false;
    return true;
  }

  /** What a Slice says about each axis it names. */
  private record Bounds(long[] axes, long[] starts, long[] ends, long[] steps) {
    static Bounds of(BandWriter w, Operator operator) {
      Attributes attributes = Attributes.of(operator.node());
      int rank = w.graph().tensor(operator.inputs().get(0)).shape().rank();
      boolean byAttributes = attributes.has("starts");
      long[] starts = byAttributes ? attributes.integers("starts") : given(w, operator, 1);
      long[] ends = byAttributes ? attributes.integers("ends") : given(w, operator, 2);
      long[] axes = byAttributes ? attributes.integers("axes") : given(w, operator, 3);
      long[] steps = byAttributes ? null : given(w, operator, 4);
      if (axes == null) axes = LongStream.range(0, starts.length).toArray();
      for (int i = 0; i < axes.length; i++) if (axes[i] < 0) axes[i] += rank;
      return new Bounds(axes, starts, ends, steps == null ? LongStream.range(0, starts.length).map(i -> 1).toArray() : steps);
    }

    private static long[] given(BandWriter w, Operator operator, int input) {
      boolean absent = input >= operator.inputs().size() || operator.inputs().get(input) < 0;
      return absent ? null : Constants.integers(w.graph(), operator.inputs().get(input));
    }

    Bounds without(int axis) {
      int[] kept = IntStream.range(0, axes.length).filter(i -> axes[i] != axis).toArray();
      return new Bounds(pick(axes, kept), pick(starts, kept), pick(ends, kept), pick(steps, kept));
    }

    private static long[] pick(long[] values, int[] positions) {
      return Arrays.stream(positions).mapToLong(i -> values[i]).toArray();
    }

    boolean none() {
      return axes.length == 0;
    }
  }
}
