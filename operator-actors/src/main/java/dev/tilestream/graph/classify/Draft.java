package dev.tilestream.graph.classify;

import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.graph.rules.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import onnx.Onnx;

/**
 * A graph before classification: tensors have no split axes, operators no locality.
 *
 * @param model without nodes and initializers
 * @param initializers by tensor id, null where the tensor is no constant
 * @param nodes in topological order
 * @param constants values of a constant tensor
 */
public record Draft(
    Onnx.ModelProto model,
    List<Tensor> tensors,
    List<Onnx.TensorProto> initializers,
    List<Node> nodes,
    List<Integer> inputs,
    List<Integer> outputs,
    Function<Tensor, double[]> constants) {

  /** One operator; tensor ids, -1 where left out. */
  public record Node(Onnx.NodeProto proto, List<Integer> inputs, List<Integer> outputs, List<Integer> captured) {
    public Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      captured = List.copyOf(captured);
    }
  }

  public Draft {
    tensors = List.copyOf(tensors);
    initializers = Collections.unmodifiableList(new ArrayList<>(initializers));
    nodes = List.copyOf(nodes);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  Tensor tensor(int id) {
    return tensors.get(id);
  }

  /** Version of ONNX's own operator set. */
  int opset() {
    for (Onnx.OperatorSetIdProto o : model.getOpsetImportList())
      if (o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx")) return (int) o.getVersion();
    return 1;
  }

  List<Site> sites() {
    int opset = opset();
    return nodes.stream()
        .map(n -> new Site(n.proto(), opset, named(n.inputs()), named(n.outputs()), Attributes.of(n.proto()), constants))
        .toList();
  }

  private List<Tensor> named(List<Integer> ids) {
    List<Tensor> out = new ArrayList<>();
    for (int id : ids) out.add(id < 0 ? null : tensors.get(id));
    return out;
  }
}
