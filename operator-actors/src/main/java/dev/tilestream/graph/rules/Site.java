package dev.tilestream.graph.rules;

import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.Shape;
import java.util.Collections;
import java.util.List;
import java.util.ArrayList;
import java.util.function.Function;
import onnx.Onnx;

/**
 * A node where it stands: what a rule may look at.
 *
 * @param opset version of ONNX's own operator set that the model uses
 * @param inputs null where left out; their split axes are not decided yet
 * @param outputs null where left out
 * @param constants values of a constant tensor, or null when it is none
 */
public record Site(
    Onnx.NodeProto node,
    int opset,
    List<Tensor> inputs,
    List<Tensor> outputs,
    Attributes attributes,
    Function<Tensor, double[]> constants) {

  public Site {
    inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
    outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
  }

  public String type() {
    return node.getOpType();
  }

  public boolean has(int input) {
    return input < inputs.size() && inputs.get(input) != null;
  }

  public Shape in(int input) {
    return inputs.get(input).shape();
  }

  /** Shape of the first output. */
  public Shape out() {
    return outputs.get(0).shape();
  }

  public boolean constant(int input) {
    return has(input) && inputs.get(input).constant();
  }

  /** Values of a constant input; null when it is left out or no constant. */
  public double[] reals(int input) {
    return constant(input) ? constants.apply(inputs.get(input)) : null;
  }

  /** Values of a constant input; null when it is left out or no constant. */
  public long[] integers(int input) {
    double[] values = reals(input);
    if (values == null) return null;
    long[] out = new long[values.length];
    for (int i = 0; i < out.length; i++) out[i] = (long) values[i];
    return out;
  }

  /** An {@code axis} attribute, counted from the front. */
  public int axis(String name, int otherwise, int rank) {
    return fromFront(attributes.integer(name, otherwise), rank);
  }

  static int fromFront(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }
}
