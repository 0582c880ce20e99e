package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.graph.rules.WindowGeometry;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolutions and pools over images [batch, channels, rows, columns], split along rows. ND4J pads both sides of an axis alike; where a
 * band has a border on one side only, its rows are copied into a frame first.
 */
final class Nd4jWindows {
  private static final int ROWS = 2;
  private static final int COLUMNS = 3;

  private Nd4jWindows() {}

  static Optional<Nd4jProgram.Step> of(Nd4jProgram program, Operator o) {
    Tensor input = program.graph().tensor(o.inputs().get(0));
    boolean conv = o.type().equals("Conv");
    Attributes attributes = Attributes.of(o.node());
    boolean image = input.shape().rank() == 4 && input.axis() == ROWS && o.local() && o.rowMap(0) instanceof RowMap.Window;
    if (!image || conv && !constantWeights(program, o) || attributes.integer("group", 1) != 1) return Optional.empty();
    Shape weights = conv ? program.graph().tensor(o.inputs().get(1)).shape() : null;
    Shape whole = program.graph().tensor(Nd4jSteps.output(o)).shape();
    WindowGeometry g = WindowGeometry.of(attributes, input.shape(), whole, weights);
    RowMap.Window window = (RowMap.Window) o.rowMap(0);
    RowSpan out = program.held(Nd4jSteps.output(o));
    Optional<RowSpan> needed = program.band().needed(o, 0, out);
    if (needed.isEmpty()) return Optional.empty();
    int left = g.padBegin()[1];
    int right = Math.max(0, (whole.dim(COLUMNS) - 1) * g.stride()[1] + g.extent(1) - input.shape().dim(COLUMNS) - left);
    int[] border = {needed.get().from() - window.first(out), left, window.end(out) - needed.get().to(), right};
    boolean counts = attributes.integer("count_include_pad", 0) != 0;
    boolean bordered = border[0] + border[1] + border[2] + border[3] > 0;
    // An average that leaves out padding needs to know what is padding, and one that counts it, where it ends.
    if (o.type().equals("AveragePool") && bordered && (!counts || right > g.padEnd()[1])) return Optional.empty();
    // This version of ND4J fails on dilated windows.
    if (g.dilation()[0] != 1 || g.dilation()[1] != 1) return Optional.empty();
    Shape made = program.shape(Nd4jSteps.output(o));
    return Optional.of(new Windows(o, needed.get(), border, geometry(g), direct(g, needed.get(), border, input.shape(), made))::run);
  }

  private static boolean constantWeights(Nd4jProgram program, Operator o) {
    for (int i = 1; i < o.inputs().size(); i++) {
      int t = o.inputs().get(i);
      if (t >= 0 && (!program.graph().tensor(t).constant() || program.graph().tensor(t).type() != DataType.FLOAT32)) return false;
    }
    return true;
  }

  private static int[] geometry(WindowGeometry g) {
    return new int[] {g.kernel()[0], g.kernel()[1], g.stride()[0], g.stride()[1]};
  }

  /** Whether the same padding on both sides makes exactly these rows and columns. */
  private static boolean direct(WindowGeometry g, RowSpan rows, int[] border, Shape input, Shape made) {
    return along(g, 0, rows.rows(), border[0]) == made.dim(ROWS) && along(g, 1, input.dim(COLUMNS), border[1]) == made.dim(COLUMNS);
  }

  private static int along(WindowGeometry g, int d, int in, int pad) {
    return (in + 2 * pad - g.extent(d)) / g.stride()[d] + 1;
  }

  /**
   * @param border padding: top, left, bottom, right
   * @param sizes kernel and strides, rows before columns
   * @param direct whether ND4J's own padding does
   */
  private record Windows(Operator operator, RowSpan rows, int[] border, int[] sizes, boolean direct) {
    void run(Nd4jFrame frame) {
      int in = operator.inputs().get(0);
      float fill = operator.type().equals("MaxPool") ? Float.NEGATIVE_INFINITY : 0;
      INDArray from = direct ? frame.read(in, rows) : frame.padded(in, rows, border, fill);
      INDArray to = frame.write(Nd4jSteps.output(operator));
      int top = direct ? border[0] : 0;
      int left = direct ? border[1] : 0;
      if (operator.type().equals("Conv")) convolve(frame, from, to, top, left);
      else pool(from, to, top, left);
    }

    private void convolve(Nd4jFrame frame, INDArray from, INDArray to, int top, int left) {
      boolean biased = operator.inputs().size() > 2 && operator.inputs().get(2) >= 0;
      INDArray weights = frame.read(operator.inputs().get(1));
      INDArray[] inputs =
          biased ? Nd4jFrame.all(from, weights, frame.read(operator.inputs().get(2))) : Nd4jFrame.all(from, weights);
      // The last three: padding as given, channels first, weights as [out, in, rows, columns].
      Nd4jFrame.execute("conv2d", inputs, to, sizes[0], sizes[1], sizes[2], sizes[3], top, left, 1, 1, 0, 0, 1);
    }

    private void pool(INDArray from, INDArray to, int top, int left) {
      boolean max = operator.type().equals("MaxPool");
      // The last three: padding as given, divisor that counts padding, channels first.
      Nd4jFrame.execute(
          max ? "maxpool2d" : "avgpool2d", Nd4jFrame.all(from), to,
          sizes[0], sizes[1], sizes[2], sizes[3], top, left, 1, 1, 0, max ? 0 : 1, 0);
    }
  }
}
