package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Fully connected layers: products of two matrices, with a bias where Gemm has one. */
final class Nd4jProducts {
  private Nd4jProducts() {}

  static Optional<Nd4jProgram.Step> of(Nd4jProgram program, Operator o) {
    OperatorGraph graph = program.graph();
    Attributes attributes = Attributes.of(o.node());
    int a = o.inputs().get(0);
    int b = o.inputs().get(1);
    boolean scaled = attributes.real("alpha", 1) != 1 || attributes.real("beta", 1) != 1 || attributes.integer("transA", 0) != 0;
    boolean matrices = graph.tensor(a).shape().rank() == 2 && graph.tensor(b).shape().rank() == 2;
    if (scaled || !matrices || graph.tensor(b).type() != DataType.FLOAT32) return Optional.empty();
    Optional<RowSpan> rowsA = Nd4jSteps.needed(program, o, 0);
    Optional<RowSpan> rowsB = Nd4jSteps.needed(program, o, 1);
    boolean biased = o.inputs().size() > 2 && o.inputs().get(2) >= 0;
    Optional<RowSpan> rowsC = biased ? Nd4jSteps.needed(program, o, 2) : Optional.empty();
    if (rowsA.isEmpty() || rowsB.isEmpty() || biased && rowsC.isEmpty()) return Optional.empty();
    int transB = (int) attributes.integer("transB", 0);
    return Optional.of(frame -> {
      INDArray left = frame.read(a, rowsA.get());
      INDArray right = frame.read(b, rowsB.get());
      INDArray to = frame.write(Nd4jSteps.output(o));
      Nd4jFrame.execute("matmul", Nd4jFrame.all(left, right), to, 0, transB, 0);
      if (biased) Nd4jFrame.execute("add", Nd4jFrame.all(to, frame.read(o.inputs().get(2), rowsC.get())), to);
    });
  }
}
