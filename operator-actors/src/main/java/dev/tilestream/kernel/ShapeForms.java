package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.RowSpan;
import onnx.Onnx;

/** Reshape and Expand on a band: the shape they are told is that of the rows they make. */
final class ShapeForms {
  private ShapeForms() {}

  static void write(BandWriter w, Operator operator, RowSpan out) {
    Tensor tensor = w.graph().tensor(OperatorForms.output(operator));
    RowSpan made = OperatorForms.made(operator, out);
    Onnx.NodeProto.Builder node = BandWriter.like(operator);
    // No dimension is 0 or -1 here, so what those would mean does not matter.
    NodeAttributes.drop(node, "allowzero");
    node.addInput(OperatorForms.input(w, operator, 0, out));
    node.addInput(w.integers(tensor.shape().with(tensor.axis(), made.rows()).toLongs()));
    OperatorForms.finish(w, operator, node, made, out);
  }
}
