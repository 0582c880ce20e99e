package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.graph.rules.Interpolation;
import dev.tilestream.graph.rules.ResizeRules;
import dev.tilestream.graph.rules.Site;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import onnx.Onnx;

/**
 * Resize and Upsample on a band. Where the cut falls on the grid of both sides, ONNX Runtime's own Resize of the cut rows makes the same
 * numbers. Elsewhere the other axes are resized first, then rows are gathered and weighted by their places in the whole.
 */
final class ResizeForms {
  /** Coordinates that move with the rows; the others depend on how many rows there are. */
  private static final Set<String> MOVING = Set.of("asymmetric", "half_pixel", "tf_half_pixel_for_nn");

  private ResizeForms() {}

  static void write(BandWriter w, Operator operator, RowSpan out) {
    Optional<RowSpan> needed = operator.rowMap(0).inputRows(out);
    if (needed.isEmpty()) {
      Tensor made = w.graph().tensor(OperatorForms.output(operator));
      String value = w.reals(Shape.of(1), Attributes.of(operator.node()).real("extrapolation_value", 0));
      w.add(Nodes.node("Expand", List.of(value, w.integers(dims(made, out))), made.name()));
      return;
    }
    RowSpan in = needed.get();
    boolean kept = operator.rowMap(0) instanceof RowMap.Same;
    Optional<RowSpan> made = kept ? Optional.of(out) : moved(w, operator, in).filter(span -> span.contains(out));
    if (made.isPresent()) {
      Onnx.NodeProto.Builder node = BandWriter.like(operator);
      addInputs(w, operator, node, w.cut(operator.inputs().get(0), in), made.get().rows(), null);
      OperatorForms.finish(w, operator, node, made.get(), out);
    } else {
      weighted(w, operator, in, out);
    }
  }

  /** Rows that ONNX Runtime's Resize makes of {@code in} alone with the numbers of the whole; empty when it would make others. */
  private static Optional<RowSpan> moved(BandWriter w, Operator operator, RowSpan in) {
    Attributes attributes = Attributes.of(operator.node());
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    Tensor output = w.graph().tensor(OperatorForms.output(operator));
    boolean old = operator.type().equals("Upsample") || w.opset() < 11;
    String coordinates = attributes.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    boolean moving = MOVING.contains(coordinates) || coordinates.equals("pytorch_half_pixel") && output.rows() > 1;
    float scale = scale(w, operator, attributes, old, input, output);
    double from = in.from() * (double) scale;
    double to = in.to() * (double) scale;
    // Whole numbers on both sides: then the scale that sizes stand for is the same, too.
    if (!moving || from != Math.rint(from) || to != Math.rint(to) || to - from < 2) return Optional.empty();
    return Optional.of(new RowSpan((int) from, (int) to));
  }

  private static float scale(BandWriter w, Operator operator, Attributes attributes, boolean old, Tensor in, Tensor out) {
    int position = position(attributes, in);
    if (position < 0) return 1;
    if (attributes.has("scales")) return attributes.reals("scales")[position];
    int at = old ? 1 : 2;
    int scales = operator.inputs().size() > at ? operator.inputs().get(at) : -1;
    boolean given = scales >= 0 && w.graph().tensor(scales).shape().elements() > 0;
    return given ? Constants.reals(w.graph(), scales)[position] : (float) out.rows() / in.rows();
  }

  /** Where the split axis stands among the axes that scales and sizes count, -1 when it is not among them. */
  private static int position(Attributes attributes, Tensor in) {
    long[] axes = attributes.integers("axes");
    if (axes == null) return in.axis();
    for (int i = 0; i < axes.length; i++) if (Math.floorMod(axes[i], (long) in.shape().rank()) == in.axis()) return i;
    return -1;
  }

  /** The operator's inputs for {@code made} rows; {@code scale} replaces that of the split axis unless it is null. */
  private static void addInputs(BandWriter w, Operator operator, Onnx.NodeProto.Builder node, String rows, int made, Float scale) {
    Attributes attributes = Attributes.of(operator.node());
    int position = position(attributes, w.graph().tensor(operator.inputs().get(0)));
    node.addInput(rows);
    if (scale != null && attributes.has("scales")) {
      float[] scales = attributes.reals("scales");
      scales[position] = scale;
      NodeAttributes.putReals(node, "scales", scales);
    }
    boolean roi = operator.inputs().size() > 2;
    for (int i = 1; i < operator.inputs().size(); i++) {
      int t = operator.inputs().get(i);
      boolean given = position >= 0 && t >= 0 && w.graph().tensor(t).shape().elements() > 0;
      if (given && i == 3) {
        long[] sizes = Constants.integers(w.graph(), t);
        sizes[position] = made;
        node.addInput(w.integers(sizes));
      } else if (given && scale != null && w.graph().tensor(t).type() == DataType.FLOAT32) {
        float[] values = Constants.reals(w.graph(), t);
        boolean region = roi && i == 1;
        values[position] = region ? 0 : scale;
        if (region) values[position + values.length / 2] = 1;
        node.addInput(w.reals(Shape.of(values.length), values));
      } else {
        node.addInput(t < 0 ? "" : w.cut(t, w.graph().tensor(t).all()));
      }
    }
  }

  private static void weighted(BandWriter w, Operator operator, RowSpan in, RowSpan out) {
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    String rows = w.cut(input.id(), in);
    if (!input.shape().with(input.axis(), 1).equals(made.shape().with(made.axis(), 1))) {
      Onnx.NodeProto.Builder node = BandWriter.like(operator).addOutput(w.fresh(made.name()));
      addInputs(w, operator, node, rows, in.rows(), 1f);
      w.add(node);
      rows = node.getOutput(0);
    }
    Interpolation interpolation = interpolation(w, operator, made.axis());
    if (Attributes.of(operator.node()).text("mode", "nearest").equals("nearest") && picks(interpolation, out)) {
      long[] indices = new long[out.rows()];
      for (int i = 0; i < indices.length; i++) indices[i] = interpolation.from()[out.from() + i] - in.from();
      Nodes.gather(w, rows, made.axis(), indices, made.name());
      return;
    }
    boolean real = made.type() == DataType.FLOAT32;
    String value = real ? rows : Nodes.cast(w, rows, DataType.FLOAT32, w.fresh(made.name()));
    String sum = real ? made.name() : w.fresh(made.name());
    w.add(Nodes.node("Sum", terms(w, operator, interpolation, value, in, out), sum));
    if (!real) Nodes.cast(w, sum, made.type(), made.name());
  }

  private static boolean picks(Interpolation interpolation, RowSpan out) {
    for (int r = out.from(); r < out.to(); r++) if (interpolation.weights()[r].length != 1) return false;
    return true;
  }

  private static Interpolation interpolation(BandWriter w, Operator operator, int axis) {
    List<Tensor> inputs = new ArrayList<>();
    for (int t : operator.inputs()) inputs.add(t < 0 ? null : w.graph().tensor(t));
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    Site site = new Site(
        operator.node(), (int) w.opset(), inputs, List.of(made), Attributes.of(operator.node()), t -> Constants.numbers(w.graph(), t.id()));
    return ResizeRules.interpolation(site, axis).orElseThrow(() -> OperatorForms.refusal(operator, "weights that only the run tells"));
  }

  /** Gathered rows times their weights, one term a tap; a row without taps is the extrapolation value. */
  private static List<String> terms(BandWriter w, Operator operator, Interpolation interpolation, String rows, RowSpan in, RowSpan out) {
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    int[] column = new int[made.shape().rank() - made.axis()];
    Arrays.fill(column, 1);
    Shape weightsShape = Shape.of(column).with(0, out.rows());
    float[] outside = new float[out.rows()];
    int taps = 0;
    for (int i = 0; i < outside.length; i++) {
      int length = interpolation.weights()[out.from() + i].length;
      taps = Math.max(taps, length);
      if (length == 0) outside[i] = Attributes.of(operator.node()).real("extrapolation_value", 0);
    }
    List<String> terms = new ArrayList<>();
    for (int k = 0; k < taps; k++) {
      long[] indices = new long[out.rows()];
      float[] weights = new float[out.rows()];
      for (int i = 0; i < indices.length; i++) {
        int r = out.from() + i;
        if (k >= interpolation.weights()[r].length) continue;
        indices[i] = interpolation.from()[r] + k - in.from();
        weights[i] = interpolation.weights()[r][k];
      }
      String gathered = Nodes.gather(w, rows, made.axis(), indices, w.fresh(made.name()));
      String term = w.fresh(made.name());
      w.add(Nodes.node("Mul", List.of(gathered, w.reals(weightsShape, weights)), term));
      terms.add(term);
    }
    for (float value : outside) if (value != 0) return withOutside(terms, w.reals(weightsShape, outside));
    return terms;
  }

  private static List<String> withOutside(List<String> terms, String outside) {
    terms.add(outside);
    return terms;
  }

  private static long[] dims(Tensor made, RowSpan out) {
    return made.shape().with(made.axis(), out.rows()).toLongs();
  }
}
