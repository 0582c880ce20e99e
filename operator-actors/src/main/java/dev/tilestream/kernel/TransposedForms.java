package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.RowSpan;
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
    NodeAttributes attributes = NodeAttributes.of(operator.node());
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    Tensor output = w.graph().tensor(OperatorForms.output(operator));
    int spatial = input.shape().rank() - SPATIAL;
    int axis = input.axis() - SPATIAL;
    if (axis < 0 || operator.rowMap(0) instanceof RowMap.Same) {
      OperatorForms.plain(w, operator, out);
      return;
    }
    long[] kernel = WindowForms.kernel(w, operator, spatial);
    long[] strides = attributes.integers("strides").orElse(WindowForms.ones(spatial));
    long[] dilations = attributes.integers("dilations").orElse(WindowForms.ones(spatial));
    long[] extra = attributes.integers("output_padding").orElse(new long[spatial]).clone();
    long[] pads = pads(attributes, input, output, kernel, strides, dilations, extra);
    long stride = strides[axis];
    long reach = (kernel[axis] - 1) * dilations[axis] + 1;
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

  /** Padding of the whole operator, begins then ends, worked out from its output's shape where it is not given. */
  private static long[] pads(
      NodeAttributes attributes, Tensor input, Tensor output, long[] kernel, long[] strides, long[] dilations, long[] extra) {
    int spatial = kernel.length;
    String auto = attributes.text("auto_pad", "NOTSET");
    boolean given = auto.equals("NOTSET") && !attributes.has("output_shape");
    if (given) return attributes.integers("pads").orElse(new long[2 * spatial]).clone();
    long[] pads = new long[2 * spatial];
    for (int i = 0; i < spatial; i++) {
      long full = (input.shape().dim(SPATIAL + i) - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + extra[i];
      long total = full - output.shape().dim(SPATIAL + i);
      if (total < 0) {
        extra[i] -= total;
        total = 0;
      }
      // As ONNX Runtime divides an odd amount: the smaller half in front for SAME_UPPER, else the larger.
      pads[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
      pads[i + spatial] = total - pads[i];
    }
    return pads;
  }
}
