package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.Optional;
import onnx.Onnx;

/**
 * Resize and Upsample on a band. Where the cut falls on the grid of both sides, ONNX Runtime's own Resize of the cut rows makes the same
 * numbers. Elsewhere the other axes are resized first, then rows are gathered and weighted by their places in the whole.
 */
final class ResizeForms {
  private ResizeForms() {}

  static void write(BandWriter w, Operator operator, RowSpan out) {
    RowMap map = operator.rowMap(0);
    Optional<RowSpan> needed = map.inputRows(out);
    Resampling resampling = Resampling.of(w, operator);
    if (needed.isEmpty()) {
      extrapolate(w, operator, resampling, out);
      return;
    }
    RowSpan in = needed.get();
    long from = (long) Math.rint(resampling.scale() * (double) in.from());
    long to = (long) Math.floor(resampling.scale() * (float) in.rows()) + from;
    boolean whole = in.from() == 0 && in.to() == resampling.inputRows() && out.rows() == resampling.outputRows();
    if (whole) OperatorForms.plain(w, operator, out);
    else if (resampling.moves(in.from(), in.to()) && from <= out.from() && out.to() <= to)
      own(w, operator, resampling, in, new RowSpan((int) from, (int) to), out);
    else weighted(w, operator, resampling, in, out);
  }

  /** ONNX Runtime's Resize on the cut rows. */
  private static void own(BandWriter w, Operator operator, Resampling resampling, RowSpan in, RowSpan made, RowSpan out) {
    Onnx.NodeProto.Builder node = BandWriter.like(operator);
    addInputs(w, operator, node, w.cut(operator.inputs().get(0), in), made.rows(), null);
    OperatorForms.finish(w, operator, node, made, out);
  }

  /** The operator's inputs with another number of rows made; {@code scale} replaces that of the split axis unless it is null. */
  private static void addInputs(BandWriter w, Operator operator, Onnx.NodeProto.Builder node, String rows, int made, Float scale) {
    Tensor tensor = w.graph().tensor(operator.inputs().get(0));
    int position = position(operator, tensor);
    node.addInput(rows);
    if (scale != null && NodeAttributes.of(operator.node()).has("scales")) {
      float[] scales = NodeAttributes.of(operator.node()).reals("scales").orElseThrow();
      scales[position] = scale;
      NodeAttributes.putReals(node, "scales", scales);
    }
    for (int i = 1; i < operator.inputs().size(); i++) {
      int t = operator.inputs().get(i);
      boolean given = t >= 0 && w.graph().tensor(t).shape().elements() > 0;
      boolean roi = i == 1 && operator.inputs().size() > 2;
      if (given && position >= 0 && w.graph().tensor(t).type() == DataType.INT64) {
        long[] sizes = Constants.integers(w.graph(), t);
        sizes[position] = made;
        node.addInput(w.integers(sizes));
      } else if (given && position >= 0 && scale != null) {
        float[] values = Constants.reals(w.graph(), t);
        values[position] = roi ? 0 : scale;
        if (roi) values[position + values.length / 2] = 1;
        node.addInput(w.reals(Shape.of(values.length), values));
      } else {
        node.addInput(OperatorForms.input(w, operator, i, RowSpan.first(1)));
      }
    }
    if (NodeAttributes.of(node).has("keep_aspect_ratio_policy")) stretch(w, operator, node, tensor);
  }

  /** Sizes under another policy than stretch are bounds; spell out what came of them. */
  private static void stretch(BandWriter w, Operator operator, Onnx.NodeProto.Builder node, Tensor input) {
    boolean bounds = !NodeAttributes.of(node).text("keep_aspect_ratio_policy", "stretch").equals("stretch") && node.getInputCount() > 3;
    if (bounds) throw OperatorForms.refusal(operator, "sizes that keep the aspect ratio of " + input.shape());
  }

  private static int position(Operator operator, Tensor tensor) {
    long[] axes = NodeAttributes.of(operator.node()).integers("axes").orElse(null);
    if (axes == null) return tensor.axis();
    for (int i = 0; i < axes.length; i++) if (Math.floorMod(axes[i], (long) tensor.shape().rank()) == tensor.axis()) return i;
    return -1;
  }

  private static void weighted(BandWriter w, Operator operator, Resampling resampling, RowSpan in, RowSpan out) {
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    String rows = w.cut(input.id(), in);
    if (othersResized(input.shape(), made.shape(), input.axis())) {
      Onnx.NodeProto.Builder node = BandWriter.like(operator).addOutput(w.fresh(made.name()));
      addInputs(w, operator, node, rows, in.rows(), 1f);
      w.add(node);
      rows = node.getOutput(0);
    }
    if (resampling.mode().equals("nearest")) {
      RowMap.Table table = operator.rowMap(0) instanceof RowMap.Table t ? t : rowByRow(made.rows());
      Nodes.gather(w, rows, made.axis(), RowForms.indices(operator, table, out, in.from()), made.name());
      return;
    }
    if (resampling.antialias()) throw OperatorForms.refusal(operator, "antialiasing off the grid");
    boolean real = made.type() == DataType.FLOAT32;
    String value = real ? rows : Nodes.cast(w, rows, DataType.FLOAT32, w.fresh(made.name()));
    String sum = sum(w, resampling, value, made, in, out, real ? made.name() : w.fresh(made.name()));
    if (!real) Nodes.cast(w, sum, made.type(), made.name());
  }

  /** Rows that stay as they are while other axes are resized. */
  private static RowMap.Table rowByRow(int rows) {
    return new RowMap.Table(IntStream.range(0, rows).toArray(), IntStream.rangeClosed(1, rows).toArray());
  }

  private static boolean othersResized(Shape in, Shape out, int axis) {
    return !in.with(axis, 1).equals(out.with(axis, 1));
  }

  /** Sum over taps of gathered rows times their weights. */
  private static String sum(BandWriter w, Resampling resampling, String rows, Tensor made, RowSpan in, RowSpan out, String to) {
    List<Resampling.Taps> taps = new ArrayList<>();
    int most = 1;
    for (int r = out.from(); r < out.to(); r++) {
      taps.add(resampling.taps(r));
      most = Math.max(most, taps.get(taps.size() - 1).rows().length);
    }
    int[] ones = new int[made.shape().rank() - made.axis()];
    java.util.Arrays.fill(ones, 1);
    Shape column = Shape.of(ones).with(0, out.rows());
    List<String> terms = new ArrayList<>();
    for (int k = 0; k < most; k++) {
      long[] indices = new long[out.rows()];
      float[] weights = new float[out.rows()];
      for (int i = 0; i < indices.length; i++) {
        Resampling.Taps t = taps.get(i);
        if (k >= t.rows().length) continue;
        indices[i] = Math.max(0, Math.min(t.rows()[k] - in.from(), in.rows() - 1));
        weights[i] = t.weights()[k];
      }
      String gathered = Nodes.gather(w, rows, made.axis(), indices, w.fresh(made.name()));
      String term = w.fresh(made.name());
      w.add(Nodes.node("Mul", List.of(gathered, w.reals(column, weights)), term));
      terms.add(term);
    }
    float[] outside = new float[out.rows()];
    boolean any = false;
    for (int i = 0; i < outside.length; i++)
      if (taps.get(i).rows().length == 0) {
        outside[i] = resampling.extrapolation();
        any = true;
      }
    if (any) terms.add(w.reals(column, outside));
    w.add(Nodes.node("Sum", terms, to));
    return to;
  }

  private static void extrapolate(BandWriter w, Operator operator, Resampling resampling, RowSpan out) {
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    if (made.type() != DataType.FLOAT32) throw OperatorForms.refusal(operator, "extrapolated " + made.type());
    String value = w.reals(Shape.of(1), resampling.extrapolation());
    w.add(Nodes.node("Expand", List.of(value, w.integers(made.shape().with(made.axis(), out.rows()).toLongs())), made.name()));
  }
}
