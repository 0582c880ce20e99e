package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.graph.rules.WindowGeometry;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.Optional;
import onnx.Onnx;

/**
 * ConvTranspose on a band. Input row i adds to output rows {@code i*stride - pad + k*dilation}. The rows that matter are computed without
 * padding and cropped by it; zero rows stand in where the span begins before or ends behind everything that input rows reach.
 */
final class TransposedForms {
  private static final int SPATIAL = 2;

  private TransposedForms() {}

  static void write(BandWriter w, Operator operator, RowSpan out) {
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    Tensor output = w.graph().tensor(OperatorForms.output(operator));
    if (operator.rowMap(0) instanceof RowMap.Same) {
      OperatorForms.plain(w, operator, out);
      return;
    }
    Attributes attributes = Attributes.of(operator.node());
    Shape weights = w.graph().tensor(operator.inputs().get(1)).shape();
    WindowGeometry geometry = WindowGeometry.ofTransposed(attributes, input.shape(), output.shape(), weights);
    int spatial = input.shape().rank() - SPATIAL;
    int axis = input.axis() - SPATIAL;
    long[] extra = attributes.has("output_padding") ? attributes.integers("output_padding") : new long[spatial];
    long[] pads = WindowForms.pads(geometry);
    long stride = geometry.stride()[axis];
    long reach = geometry.extent(axis);
    long first = out.from() + pads[axis];
    long last = out.to() - 1 + pads[axis];
    Optional<RowSpan> needed = operator.rowMap(0).inputRows(out);
    long from = needed.map(RowSpan::from).orElse((int) (first / stride));
    long to = needed.map(RowSpan::to).orElse((int) from);
    long zerosBefore = Math.max(0, ceilDivide(from * stride - first, stride));
    long zerosAfter = Math.max(0, ceilDivide(last + 1 - ((to - 1) * stride + reach), stride));
    if (needed.isEmpty()) zerosAfter = Math.max(zerosAfter, 1);
    String rows = rows(w, input, needed, zerosBefore, zerosAfter);
    pads[axis] = first - (from - zerosBefore) * stride;
    pads[axis + spatial] = (to + zerosAfter - 1) * stride + reach - 1 - last;
    reach(geometry, input.shape(), output.shape(), pads, extra);
    extra[axis] = 0;
    Onnx.NodeProto.Builder node = BandWriter.like(operator);
    NodeAttributes.drop(node, "auto_pad");
    NodeAttributes.drop(node, "output_shape");
    NodeAttributes.put(node, "output_padding", extra);
    NodeAttributes.put(node, "pads", pads);
    node.addInput(rows);
    for (int i = 1; i < operator.inputs().size(); i++) node.addInput(OperatorForms.input(w, operator, i, out));
    OperatorForms.finish(w, operator, node, out, out);
  }

  /** An output_shape beyond what the input reaches adds rows behind it. */
  private static void reach(WindowGeometry g, Shape input, Shape output, long[] pads, long[] extra) {
    for (int i = 0; i < extra.length; i++) {
      long full = (input.dim(SPATIAL + i) - 1L) * g.stride()[i] + g.extent(i) + extra[i];
      extra[i] += Math.max(0, output.dim(SPATIAL + i) - (full - pads[i] - pads[i + extra.length]));
    }
  }

  private static long ceilDivide(long a, long b) {
    return -Math.floorDiv(-a, b);
  }

  private static String rows(BandWriter w, Tensor input, Optional<RowSpan> needed, long before, long after) {
    if (needed.isEmpty())
      return Nodes.filled(w, input.type(), input.shape().with(input.axis(), (int) (before + after)), new byte[input.type().bytes()]);
    String rows = w.cut(input.id(), needed.get());
    if (before == 0 && after == 0) return rows;
    long[] pads = new long[2 * input.shape().rank()];
    pads[input.axis()] = before;
    pads[input.axis() + input.shape().rank()] = after;
    return Nodes.pad(w, rows, "constant", pads, null, 0, w.fresh(input.name()));
  }
}
