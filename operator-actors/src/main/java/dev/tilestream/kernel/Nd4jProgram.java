package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * A band as a list of ND4J calls. Which tensors die behind which step, and which may be overwritten, is worked out once.
 */
final class Nd4jProgram {
  /** One operator of the band. */
  interface Step {
    void run(Nd4jFrame frame);
  }

  private final Band band;
  private final List<Step> steps = new ArrayList<>();
  private final List<List<Integer>> lastUsed = new ArrayList<>();
  private final BitSet shared = new BitSet();

  private Nd4jProgram(Band band) {
    this.band = band;
  }

  /** Empty when ND4J has no step for an operator of the band. */
  static Optional<Nd4jProgram> of(Band band) {
    Nd4jProgram program = new Nd4jProgram(band);
    for (int t = 0; t < band.graph().tensors().size(); t++)
      if (band.rows(t).isPresent() && !band.graph().tensor(t).constant() && !floats(band.graph().tensor(t))) return Optional.empty();
    for (int o : band.operators()) {
      Optional<Step> step = Nd4jSteps.of(program, band.graph().operator(o));
      if (step.isEmpty()) return Optional.empty();
      program.steps.add(step.get());
    }
    program.traceUses();
    return Optional.of(program);
  }

  private static boolean floats(Tensor t) {
    return t.type() == DataType.FLOAT32 && !t.dynamic();
  }

  private void traceUses() {
    OperatorGraph graph = graph();
    int[] last = new int[graph.tensors().size()];
    Arrays.fill(last, -1);
    for (int i = 0; i < steps.size(); i++) {
      Operator operator = graph.operator(band.operators().get(i));
      for (int t : operator.outputs()) if (t >= 0) last[t] = i;
      for (int t : operator.inputs()) if (t >= 0 && !graph.tensor(t).constant()) last[t] = i;
      lastUsed.add(new ArrayList<>());
    }
    // Outputs live on until they are handed out, inputs are the caller's.
    for (Rows r : band.outputs()) last[r.tensor()] = -1;
    for (Rows r : band.inputs()) shared.set(r.tensor());
    for (int t = 0; t < last.length; t++) if (last[t] >= 0) lastUsed.get(last[t]).add(t);
  }

  Band band() {
    return band;
  }

  OperatorGraph graph() {
    return band.graph();
  }

  List<Step> steps() {
    return steps;
  }

  /** Tensors that no step behind {@code position} reads and nobody asked for. */
  List<Integer> lastUsed(int position) {
    return lastUsed.get(position);
  }

  /** Two tensors in one memory: neither may be overwritten. */
  void shareMemory(int a, int b) {
    shared.set(a);
    shared.set(b);
  }

  boolean mayOverwrite(int tensor, int position) {
    return !shared.get(tensor) && lastUsed.get(position).contains(tensor);
  }

  /** Rows that a frame holds of a tensor. */
  RowSpan held(int tensor) {
    Tensor t = graph().tensor(tensor);
    return t.constant() ? t.all() : band.rows(tensor).orElseThrow();
  }

  /** Shape of what a frame holds of a tensor. */
  Shape shape(int tensor) {
    Tensor t = graph().tensor(tensor);
    return t.shape().with(t.axis(), held(tensor).rows());
  }
}
