package dev.tilestream.graph.onnx;

import java.util.function.Consumer;
import onnx.Onnx;

/** Every tensor that a model holds: constants of its graph, of attributes, of the bodies of branches and loops, of its functions. */
final class ModelTensors {
  private ModelTensors() {}

  static void forEach(Onnx.ModelProto model, Consumer<Onnx.TensorProto> visitor) {
    graph(model.getGraph(), visitor);
    for (Onnx.FunctionProto f : model.getFunctionsList()) {
      for (Onnx.NodeProto n : f.getNodeList()) node(n, visitor);
    }
  }

  private static void graph(Onnx.GraphProto graph, Consumer<Onnx.TensorProto> visitor) {
    graph.getInitializerList().forEach(visitor);
    for (Onnx.SparseTensorProto s : graph.getSparseInitializerList()) sparse(s, visitor);
    for (Onnx.NodeProto n : graph.getNodeList()) node(n, visitor);
  }

  private static void node(Onnx.NodeProto node, Consumer<Onnx.TensorProto> visitor) {
    for (Onnx.AttributeProto a : node.getAttributeList()) {
      if (a.hasT()) visitor.accept(a.getT());
      a.getTensorsList().forEach(visitor);
      if (a.hasSparseTensor()) sparse(a.getSparseTensor(), visitor);
      for (Onnx.SparseTensorProto s : a.getSparseTensorsList()) sparse(s, visitor);
      if (a.hasG()) graph(a.getG(), visitor);
      for (Onnx.GraphProto g : a.getGraphsList()) graph(g, visitor);
    }
  }

  private static void sparse(Onnx.SparseTensorProto tensor, Consumer<Onnx.TensorProto> visitor) {
    visitor.accept(tensor.getValues());
    visitor.accept(tensor.getIndices());
  }
}
