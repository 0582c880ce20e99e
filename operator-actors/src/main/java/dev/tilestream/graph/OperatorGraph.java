package dev.tilestream.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import onnx.Onnx;

/**
 * A model for one concrete set of input shapes. Immutable.
 *
 * @param hash SHA-256 of the model file and the input shapes, in hex: equal graphs on all devices have equal hashes
 * @param model the optimised ONNX model without its nodes and initializers: opset imports, IR version, functions
 * @param initializers ONNX initializer of each constant tensor (index = tensor id, null for others); large ones refer to the weights file
 * @param inputs tensor ids in the model's order
 * @param outputs tensor ids in the model's order
 */
public record OperatorGraph(
    String hash,
    Onnx.ModelProto model,
    List<Tensor> tensors,
    List<Onnx.TensorProto> initializers,
    List<Operator> operators,
    List<Stage> stages,
    List<Integer> inputs,
    List<Integer> outputs,
    Weights weights) {

  public OperatorGraph {
    tensors = List.copyOf(tensors);
    initializers = Collections.unmodifiableList(new ArrayList<>(initializers));
    operators = List.copyOf(operators);
    stages = List.copyOf(stages);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  public Tensor tensor(int id) {
    return tensors.get(id);
  }

  public Operator operator(int id) {
    return operators.get(id);
  }

  public Stage stage(int id) {
    return stages.get(id);
  }

  public Optional<Tensor> tensor(String name) {
    return tensors.stream().filter(t -> t.name().equals(name)).findFirst();
  }

  public long flops() {
    return stages.stream().mapToLong(Stage::flops).sum();
  }
}
