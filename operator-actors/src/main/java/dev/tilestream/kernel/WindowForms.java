package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.graph.rules.WindowGeometry;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import onnx.Onnx;

/**
 * Convolutions and pools on a band: padding along the split axis is what falls outside the rows that exist for exactly this span, so
 * that a band inside the picture has none; along the other axes it is spelled out as the whole operator has it. Rows beyond a band's
 * horizon do not exist for it.
 */
final class WindowForms {
  /** Spatial axes follow batch and channels. */
  private static final int SPATIAL = 2;

  private WindowForms() {}

  static void write(BandWriter w, Operator operator, RowMap.Window whole, RowSpan out) {
    RowSpan real = w.band().real(operator, whole, out);
    RowMap.Window window = whole.within(real);
    Attributes attributes = Attributes.of(operator.node());
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    WindowGeometry geometry = geometry(w, operator);
    long[] pads = pads(geometry);
    int axis = input.axis() - SPATIAL;
    int spatial = pads.length / 2;
    long nominalEnd = pads[axis + spatial] + whole.rows() - real.to();
    long before = Math.max(0, -window.first(out));
    long after = Math.max(0, window.end(out) - window.rows());
    pads[axis] = before;
    pads[axis + spatial] = after;
    Onnx.NodeProto.Builder node = BandWriter.like(operator);
    NodeAttributes.drop(node, "auto_pad");
    Optional<RowSpan> needed = window.inputRows(out);
    String rows = needed.map(n -> seen(w, input, window, real.from(), out, n)).orElseGet(() -> padding(w, operator, window, out));
    if (needed.isEmpty()) pads[axis] = pads[axis + spatial] = 0;
    boolean counted = operator.type().equals("AveragePool") && attributes.integer("count_include_pad", 0) == 1;
    if (counted && attributes.integer("ceil_mode", 0) == 1) {
      // Cells that only rounding up adds do not count, though padding does: pad first, then let the pool count what exists.
      pads[axis + spatial] = Math.min(after, nominalEnd);
      rows = padded(w, rows, input, pads, null);
      pads = new long[pads.length];
      NodeAttributes.putInteger(node, "count_include_pad", 0);
    } else if (operator.type().equals("MaxPool") && tooWide(geometry, pads)) {
      rows = padded(w, rows, input, pads, Nodes.filled(w, input.type(), Shape.of(1), lowest(operator, input.type())));
      pads = new long[pads.length];
    }
    NodeAttributes.put(node, "pads", pads);
    node.addInput(rows);
    for (int i = 1; i < operator.inputs().size(); i++) node.addInput(OperatorForms.input(w, operator, i, out));
    OperatorForms.finish(w, operator, node, out, out);
  }

  /** ONNX Runtime's pools refuse padding as wide as the kernel, which rounding up can need with dilation. */
  private static boolean tooWide(WindowGeometry geometry, long[] pads) {
    int[] kernel = geometry.kernel();
    for (int i = 0; i < pads.length; i++) if (pads[i] >= kernel[i % kernel.length]) return true;
    return false;
  }

  /**
   * The rows needed, filled up to all that the windows span: dilation steps over rows at the border, which are not sent, so zeros that no
   * window looks at stand in for them. Not as padding, which ONNX Runtime would move into a pool that may not have so much.
   */
  private static String seen(BandWriter w, Tensor input, RowMap.Window window, int origin, RowSpan out, RowSpan needed) {
    int before = needed.from() - Math.max(0, window.first(out));
    int after = Math.min(window.rows(), window.end(out)) - needed.to();
    String rows = w.cut(input.id(), needed.shift(origin));
    if (before == 0 && after == 0) return rows;
    List<String> parts = new ArrayList<>();
    if (before > 0) parts.add(zeros(w, input, before));
    parts.add(rows);
    if (after > 0) parts.add(zeros(w, input, after));
    return Nodes.concat(w, parts, input.axis(), w.fresh(input.name()));
  }

  private static String zeros(BandWriter w, Tensor input, int rows) {
    return Nodes.filled(w, input.type(), input.shape().with(input.axis(), rows), new byte[input.type().bytes()]);
  }

  private static String padded(BandWriter w, String rows, Tensor input, long[] spatialPads, String value) {
    int spatial = spatialPads.length / 2;
    long[] pads = new long[2 * (spatial + SPATIAL)];
    System.arraycopy(spatialPads, 0, pads, SPATIAL, spatial);
    System.arraycopy(spatialPads, spatial, pads, 2 * SPATIAL + spatial, spatial);
    return Nodes.pad(w, rows, "constant", pads, value, 0, w.fresh(input.name()));
  }

  /** The element that loses against every other. */
  private static byte[] lowest(Operator operator, DataType type) {
    ByteBuffer element = ByteBuffer.allocate(type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT32 -> element.putFloat(Float.NEGATIVE_INFINITY);
      case FLOAT64 -> element.putDouble(Double.NEGATIVE_INFINITY);
      case FLOAT16 -> element.putShort((short) 0xfc00);
      case INT8 -> element.put(Byte.MIN_VALUE);
      case UINT8 -> element.put((byte) 0);
      default -> throw OperatorForms.refusal(operator, "padding as wide as the kernel in " + type);
    }
    return element.array();
  }

  /** Rows of padding in place of the input, for windows that see nothing else. */
  private static String padding(BandWriter w, Operator operator, RowMap.Window window, RowSpan out) {
    Tensor input = w.graph().tensor(operator.inputs().get(0));
    int rows = window.end(out) - window.first(out);
    byte[] element = operator.type().equals("MaxPool") ? lowest(operator, input.type()) : new byte[input.type().bytes()];
    return Nodes.filled(w, input.type(), input.shape().with(input.axis(), rows), element);
  }

  /** The window of the whole operator, {@code auto_pad} resolved. */
  private static WindowGeometry geometry(BandWriter w, Operator operator) {
    boolean pool = operator.inputs().size() == 1;
    // QLinearConv has its weights behind the input's scale and zero point.
    int weights = operator.type().equals("QLinearConv") ? 3 : 1;
    Shape kernel = pool ? null : w.graph().tensor(operator.inputs().get(weights)).shape();
    Shape input = w.graph().tensor(operator.inputs().get(0)).shape();
    Shape output = w.graph().tensor(OperatorForms.output(operator)).shape();
    return WindowGeometry.of(Attributes.of(operator.node()), input, output, kernel);
  }

  /** ONNX's {@code pads}: begins, then ends. */
  static long[] pads(WindowGeometry g) {
    return IntStream.concat(IntStream.of(g.padBegin()), IntStream.of(g.padEnd())).asLongStream().toArray();
  }
}
