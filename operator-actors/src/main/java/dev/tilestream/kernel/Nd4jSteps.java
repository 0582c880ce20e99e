package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which operators ND4J computes, and by which of its own. */
final class Nd4jSteps {
  private static final Map<String, String> BINARY = Map.of("Add", "add", "Sub", "subtract", "Mul", "multiply", "Div", "divide");
  private static final Map<String, String> UNARY =
      Map.of("Relu", "relu", "Sigmoid", "sigmoid", "Tanh", "tanh", "LeakyRelu", "lrelu", "Elu", "elu");

  private Nd4jSteps() {}

  static Optional<Nd4jProgram.Step> of(Nd4jProgram program, Operator o) {
    if (!o.domain().isEmpty() && !o.domain().equals("ai.onnx")) return Optional.empty();
    if (o.outputs().stream().filter(t -> t >= 0).count() != 1 || !plainInputs(program, o)) return Optional.empty();
    if (UNARY.containsKey(o.type())) return Optional.of(unary(program, o));
    if (BINARY.containsKey(o.type())) return binary(program, o);
    return switch (o.type()) {
      case "Conv", "MaxPool", "AveragePool" -> Nd4jWindows.of(program, o);
      case "Clip" -> clip(program, o);
      case "Concat" -> concat(program, o);
      case "BatchNormalization" -> Nd4jNormalization.of(program, o);
      case "Gemm", "MatMul" -> Nd4jProducts.of(program, o);
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout" -> same(program, o);
      default -> Optional.empty();
    };
  }

  private static boolean plainInputs(Nd4jProgram program, Operator o) {
    if (o.inputs().isEmpty() || o.inputs().get(0) < 0 || !o.captured().isEmpty()) return false;
    return program.graph().tensor(o.inputs().get(0)).shape() != null;
  }

  /** Rows of input {@code i} for the rows that this band makes of the operator. */
  static Optional<RowSpan> needed(Nd4jProgram program, Operator o, int i) {
    Tensor tensor = program.graph().tensor(o.inputs().get(i));
    if (!o.local() || o.rowMap(i) instanceof RowMap.None) return Optional.of(tensor.all());
    return program.band().needed(o, i, program.held(output(o)));
  }

  static int output(Operator o) {
    return OperatorForms.output(o);
  }

  private static Nd4jProgram.Step unary(Nd4jProgram program, Operator o) {
    int in = o.inputs().get(0);
    int out = output(o);
    String name = UNARY.get(o.type());
    Attributes attributes = Attributes.of(o.node());
    double alpha = switch (o.type()) {
      case "LeakyRelu" -> attributes.real("alpha", 0.01f);
      case "Elu" -> attributes.real("alpha", 1f);
      default -> 0;
    };
    RowSpan rows = needed(program, o, 0).orElseThrow();
    return frame -> transform(frame, name, rows, in, out, alpha);
  }

  /** In place where possible; {@code numbers} are the operation's own. */
  private static void transform(Nd4jFrame frame, String name, RowSpan rows, int in, int out, double... numbers) {
    INDArray from = frame.read(in, rows);
    INDArray to = frame.writeOver(in, out);
    Nd4jFrame.transform(name, from, to, numbers);
  }

  private static Optional<Nd4jProgram.Step> clip(Nd4jProgram program, Operator o) {
    Attributes attributes = Attributes.of(o.node());
    double[] bounds = {attributes.real("min", -Float.MAX_VALUE), attributes.real("max", Float.MAX_VALUE)};
    for (int i = 1; i < o.inputs().size(); i++) {
      if (o.inputs().get(i) < 0) continue;
      if (!program.graph().tensor(o.inputs().get(i)).constant()) return Optional.empty();
      bounds[i - 1] = Constants.reals(program.graph(), o.inputs().get(i))[0];
    }
    // ND4J refuses what ONNX defines: everything becomes max.
    if (bounds[0] > bounds[1]) return Optional.empty();
    RowSpan rows = needed(program, o, 0).orElseThrow();
    return Optional.of(frame -> transform(frame, "clipbyvalue", rows, o.inputs().get(0), output(o), bounds));
  }

  private static Optional<Nd4jProgram.Step> binary(Nd4jProgram program, Operator o) {
    int a = o.inputs().get(0);
    int b = o.inputs().get(1);
    int out = output(o);
    for (int t : o.inputs()) if (program.graph().tensor(t).type() != DataType.FLOAT32) return Optional.empty();
    Optional<RowSpan> rowsA = needed(program, o, 0);
    Optional<RowSpan> rowsB = needed(program, o, 1);
    if (rowsA.isEmpty() || rowsB.isEmpty()) return Optional.empty();
    return Optional.of(frame -> {
      INDArray left = frame.read(a, rowsA.get());
      INDArray right = frame.read(b, rowsB.get());
      INDArray to = frame.mayOverwrite(a, out) ? frame.writeOver(a, out) : frame.writeOver(b, out);
      Nd4jFrame.execute(BINARY.get(o.type()), Nd4jFrame.all(left, right), to);
    });
  }

  private static Optional<Nd4jProgram.Step> concat(Nd4jProgram program, Operator o) {
    int out = output(o);
    int rank = program.graph().tensor(out).shape().rank();
    int axis = (int) Attributes.of(o.node()).integer("axis", 1);
    List<Integer> parts = new ArrayList<>();
    List<RowSpan> rows = new ArrayList<>();
    for (int i = 0; i < o.inputs().size(); i++) {
      Optional<RowSpan> needed = needed(program, o, i);
      if (needed.isEmpty()) continue;
      parts.add(o.inputs().get(i));
      rows.add(needed.get());
    }
    if (parts.size() < 2) return Optional.empty();
    return Optional.of(frame -> {
      INDArray[] from = new INDArray[parts.size()];
      for (int i = 0; i < from.length; i++) from[i] = frame.read(parts.get(i), rows.get(i));
      INDArray to = frame.write(out);
      Nd4jFrame.execute("concat", from, to, axis < 0 ? axis + rank : axis);
    });
  }

  /** Operators that leave the elements where they are; only where the band holds nothing but what is needed. */
  private static Optional<Nd4jProgram.Step> same(Nd4jProgram program, Operator o) {
    int in = o.inputs().get(0);
    int out = output(o);
    Optional<RowSpan> needed = needed(program, o, 0);
    boolean exact = needed.isPresent() && needed.get().equals(program.held(in)) && !program.graph().tensor(in).constant();
    if (!exact || program.shape(in).elements() != program.shape(out).elements()) return Optional.empty();
    program.shareMemory(in, out);
    return Optional.of(frame -> frame.share(in, out));
  }
}
