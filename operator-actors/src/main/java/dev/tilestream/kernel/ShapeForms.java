package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.RowSpan;
import java.util.List;
import onnx.Onnx;

/** Reshape and its kin, and Expand, on a band: the shape they are told is that of the rows they make. */
final class ShapeForms {
  private ShapeForms() {}

  static void reshape(BandWriter w, Operator operator, RowSpan out) {
    if (operator.rowMap(0) instanceof RowMap.Table) regroup(w, operator, w.graph().tensor(OperatorForms.output(operator)), out);
    else if (operator.type().equals("Reshape")) told(w, operator, out);
    else OperatorForms.plain(w, operator, out);
  }

  static void told(BandWriter w, Operator operator, RowSpan out) {
    Tensor tensor = w.graph().tensor(OperatorForms.output(operator));
    RowSpan made = OperatorForms.made(operator, out);
    Onnx.NodeProto.Builder node = BandWriter.like(operator);
    // No dimension is 0 or -1 here, so what those would mean does not matter.
    NodeAttributes.drop(node, "allowzero");
    node.addInput(OperatorForms.input(w, operator, 0, out));
    node.addInput(w.integers(tensor.shape().with(tensor.axis(), made.rows()).toLongs()));
    OperatorForms.finish(w, operator, node, made, out);
  }

  /** Rows on both sides share no boundary but the ends: the elements asked for are cut out of the flattened rows. */
  private static void regroup(BandWriter w, Operator operator, Tensor made, RowSpan out) {
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    RowSpan rows = operator.rowMap(0).inputRows(out).orElseThrow();
    long inner = input.shape().inner(input.axis());
    long outer = input.shape().outer(input.axis());
    long outInner = made.shape().inner(made.axis());
    long from = out.from() * outInner - rows.from() * inner;
    String flat = w.fresh(made.name());
    w.add(Nodes.node("Reshape", List.of(w.cut(input.id(), rows), w.integers(outer, rows.rows() * inner)), flat));
    String cut = Nodes.slice(w, flat, 1, Math.toIntExact(from), Math.toIntExact(from + out.rows() * outInner), w.fresh(made.name()));
    w.add(Nodes.node("Reshape", List.of(cut, w.integers(made.shape().with(made.axis(), out.rows()).toLongs())), made.name()));
  }
}
