package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.tensor.RowSpan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Pad on a band: constant borders are those of its rows that lie outside; the other modes gather rows, then pad the other axes. */
final class PadForms {
  private PadForms() {}

  static void write(BandWriter w, Operator operator, RowSpan out) {
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    Tensor made = w.graph().tensor(OperatorForms.output(operator));
    Attributes attributes = Attributes.of(operator.node());
    long[] pads = pads(w, operator, input.shape().rank());
    int axis = input.axis();
    int rank = input.shape().rank();
    pads[axis] = 0;
    pads[axis + rank] = 0;
    String rows;
    if (operator.rowMap(0) instanceof RowMap.Shifted shifted) {
      Optional<RowSpan> needed = shifted.inputRows(out);
      if (needed.isEmpty()) {
        border(w, operator, made, out);
        return;
      }
      pads[axis] = needed.get().from() + shifted.before() - out.from();
      pads[axis + rank] = out.to() - needed.get().to() - shifted.before();
      rows = w.cut(input.id(), needed.get());
    } else {
      rows = RowForms.picked(w, operator, out, w.fresh(input.name()));
    }
    if (Arrays.stream(pads).allMatch(p -> p == 0)) Nodes.identity(w, rows, made.name());
    else Nodes.pad(w, rows, attributes.text("mode", "constant"), pads, value(w, operator), attributes.real("value", 0), made.name());
  }

  /** Begins then ends for every axis. */
  private static long[] pads(BandWriter w, Operator operator, int rank) {
    Attributes attributes = Attributes.of(operator.node());
    if (attributes.has("pads")) return attributes.integers("pads");
    long[] given = Constants.integers(w.graph(), operator.inputs().get(1));
    if (operator.inputs().size() < 4 || operator.inputs().get(3) < 0) return given;
    long[] axes = Constants.integers(w.graph(), operator.inputs().get(3));
    long[] pads = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) (axes[i] < 0 ? axes[i] + rank : axes[i]);
      pads[axis] = given[i];
      pads[axis + rank] = given[i + axes.length];
    }
    return pads;
  }

  /** Name of the constant value, null when it is zero or an attribute. */
  private static String value(BandWriter w, Operator operator) {
    if (operator.inputs().size() < 3 || operator.inputs().get(2) < 0) return null;
    int value = operator.inputs().get(2);
    return w.cut(value, w.graph().tensor(value).all());
  }

  /** Rows that are nothing but border. */
  private static void border(BandWriter w, Operator operator, Tensor made, RowSpan out) {
    String value = value(w, operator);
    if (value == null) {
      float number = Attributes.of(operator.node()).real("value", 0);
      byte[] element = new byte[made.type().bytes()];
      if (number != 0) element = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(number).array();
      Nodes.identity(w, Nodes.filled(w, made.type(), made.shape().with(made.axis(), out.rows()), element), made.name());
      return;
    }
    long[] dims = made.shape().with(made.axis(), out.rows()).toLongs();
    w.add(Nodes.node("Expand", List.of(value, w.integers(dims)), made.name()));
  }
}
