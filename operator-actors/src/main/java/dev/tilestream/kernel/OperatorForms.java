package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.RowSpan;
import java.util.Optional;
import onnx.Onnx;

/**
 * Chooses the form that an operator takes on a band. Most need none: their node computes any rows, given the right ones. Global operators
 * and those that make all of their rows from all of their input's stay as they are.
 */
final class OperatorForms {
  private OperatorForms() {}

  static void write(BandWriter w) {
    for (int id : w.band().operators()) {
      Operator operator = w.graph().operator(id);
      if (!operator.local() || whole(w, operator)) verbatim(w, operator);
      else write(w, operator, rows(w, operator));
    }
  }

  private static void write(BandWriter w, Operator operator, RowSpan out) {
    switch (operator.type()) {
      case "Slice" -> RowForms.slice(w, operator, out);
      case "Gather" -> RowForms.gather(w, operator, out);
      case "Tile" -> RowForms.tile(w, operator, out);
      case "Concat" -> RowForms.concat(w, operator, out);
      case "Pad" -> PadForms.write(w, operator, out);
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> ShapeForms.reshape(w, operator, out);
      case "Expand" -> ShapeForms.told(w, operator, out);
      case "Resize", "Upsample" -> ResizeForms.write(w, operator, out);
      case "ConvTranspose" -> TransposedForms.write(w, operator, out);
      default -> {
        if (operator.rowMap(0) instanceof RowMap.Window window) WindowForms.write(w, operator, window, out);
        else plain(w, operator, out);
      }
    }
  }

  /** Rows of its outputs that are computed; all outputs of a local operator have the same. */
  static RowSpan rows(BandWriter w, Operator operator) {
    return w.held(output(operator));
  }

  static int output(Operator operator) {
    for (int t : operator.outputs()) if (t >= 0) return t;
    throw new IllegalArgumentException("operator %d (%s): no output".formatted(operator.id(), operator.type()));
  }

  private static boolean whole(BandWriter w, Operator operator) {
    RowSpan out = rows(w, operator);
    if (!out.equals(w.graph().tensor(output(operator)).all())) return false;
    for (int i = 0; i < operator.inputs().size(); i++) {
      int t = operator.inputs().get(i);
      if (t < 0 || operator.rowMap(i) instanceof RowMap.None) continue;
      Tensor tensor = w.graph().tensor(t);
      Optional<RowSpan> needed = w.band().needed(operator, i, out);
      if (needed.isEmpty() || !needed.get().equals(tensor.all())) return false;
    }
    return true;
  }

  private static void verbatim(BandWriter w, Operator operator) {
    for (int t : operator.inputs()) if (t >= 0) w.cut(t, w.graph().tensor(t).all());
    for (int t : operator.captured()) w.cut(t, w.graph().tensor(t).all());
    w.add(operator.node().toBuilder());
  }

  /** The node as it is, on the rows it needs; what {@link RowMap.Blocks} make beyond the rows asked for is cut off behind it. */
  static void plain(BandWriter w, Operator operator, RowSpan out) {
    RowSpan made = made(operator, out);
    Onnx.NodeProto.Builder node = BandWriter.like(operator);
    for (int i = 0; i < operator.inputs().size(); i++) node.addInput(input(w, operator, i, out));
    finish(w, operator, node, made, out);
  }

  /** Rows that the node makes from the rows it is given: whole blocks. */
  static RowSpan made(Operator operator, RowSpan out) {
    for (int i = 0; i < operator.inputs().size(); i++)
      if (operator.inputs().get(i) >= 0 && operator.rowMap(i) instanceof RowMap.Blocks b) {
        RowSpan in = b.inputRows(out).orElseThrow();
        return new RowSpan((int) ((long) in.from() * b.outPer() / b.inPer()), (int) ((long) in.to() * b.outPer() / b.inPer()));
      }
    return out;
  }

  /** Name of the rows of input {@code i} that {@code out} needs, empty where it is left out. */
  static String input(BandWriter w, Operator operator, int i, RowSpan out) {
    int t = operator.inputs().get(i);
    if (t < 0) return "";
    Tensor tensor = w.graph().tensor(t);
    RowMap map = operator.rowMap(i);
    if (map instanceof RowMap.None) return w.cut(t, tensor.all());
    return w.cut(t, w.band().needed(operator, i, out).orElseThrow(() -> refusal(operator, "none of the rows of input " + i + " for rows " + out)));
  }

  /** Adds {@code node} with the operator's outputs, which it makes on rows {@code made}, and cuts them to {@code out}. */
  static void finish(BandWriter w, Operator operator, Onnx.NodeProto.Builder node, RowSpan made, RowSpan out) {
    boolean exact = made.equals(out);
    for (int t : operator.outputs()) {
      if (t < 0) node.addOutput("");
      else node.addOutput(exact ? w.graph().tensor(t).name() : w.fresh(w.graph().tensor(t).name()));
    }
    w.add(node);
    if (exact) return;
    for (int i = 0; i < operator.outputs().size(); i++) {
      int t = operator.outputs().get(i);
      if (t < 0) continue;
      Tensor tensor = w.graph().tensor(t);
      Nodes.slice(w, node.getOutput(i), tensor.axis(), out.from() - made.from(), out.to() - made.from(), tensor.name());
    }
  }

  static IllegalArgumentException refusal(Operator operator, String what) {
    return new IllegalArgumentException(
        "operator %d (%s %s): no form on a band for %s".formatted(operator.id(), operator.type(), operator.name(), what));
  }
}
