package dev.tilestream.kernel;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Batch normalisation with fixed statistics: one factor and one addend a channel, worked out once, applied in place. */
final class Nd4jNormalization {
  private Nd4jNormalization() {}

  static Optional<Nd4jProgram.Step> of(Nd4jProgram program, Operator o) {
    OperatorGraph graph = program.graph();
    Tensor input = graph.tensor(o.inputs().get(0));
    for (int i = 1; i < 5; i++) if (!graph.tensor(o.inputs().get(i)).constant()) return Optional.empty();
    Optional<RowSpan> rows = Nd4jSteps.needed(program, o, 0);
    if (rows.isEmpty() || input.axis() == 1 || input.shape().rank() < 2 || Attributes.of(o.node()).integer("training_mode", 0) != 0)
      return Optional.empty();
    float[] scale = Constants.reals(graph, o.inputs().get(1));
    float[] bias = Constants.reals(graph, o.inputs().get(2));
    float[] mean = Constants.reals(graph, o.inputs().get(3));
    float[] variance = Constants.reals(graph, o.inputs().get(4));
    float epsilon = Attributes.of(o.node()).real("epsilon", 1e-5f);
    ByteBuffer factors = ByteBuffer.allocateDirect(scale.length * Float.BYTES).order(ByteOrder.nativeOrder());
    ByteBuffer addends = ByteBuffer.allocateDirect(scale.length * Float.BYTES).order(ByteOrder.nativeOrder());
    for (int c = 0; c < scale.length; c++) {
      double factor = scale[c] / Math.sqrt(variance[c] + (double) epsilon);
      factors.putFloat((float) factor);
      addends.putFloat((float) (bias[c] - mean[c] * factor));
    }
    int[] channels = new int[input.shape().rank()];
    Arrays.fill(channels, 1);
    Shape shape = Shape.of(channels).with(1, scale.length);
    int out = Nd4jSteps.output(o);
    return Optional.of(frame -> {
      INDArray from = frame.read(input.id(), rows.get());
      INDArray to = frame.writeOver(input.id(), out);
      Nd4jFrame.execute("multiply", Nd4jFrame.all(from, frame.over(factors.rewind(), shape)), to);
      Nd4jFrame.execute("add", Nd4jFrame.all(to, frame.over(addends.rewind(), shape)), to);
    });
  }
}
