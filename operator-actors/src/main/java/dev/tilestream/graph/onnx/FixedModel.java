package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.Shape;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import onnx.Onnx;

/** Rewrites a model for concrete input shapes. */
final class FixedModel {
  /** From this IR version on, initializers need not be listed as inputs. */
  private static final int INITIALIZERS_ALONE = 4;

  private FixedModel() {}

  /**
   * Writes the shapes into the inputs and takes initializers off the list of inputs, where they would count as overridable and nothing
   * that depends on them could be folded.
   */
  static Onnx.ModelProto of(Onnx.ModelProto model, Map<String, Shape> shapes) {
    Onnx.GraphProto.Builder graph = model.getGraph().toBuilder().clearInput();
    Set<String> constants = new HashSet<>();
    for (Onnx.TensorProto t : model.getGraph().getInitializerList()) constants.add(t.getName());
    for (Onnx.ValueInfoProto v : model.getGraph().getInputList())
      if (!constants.contains(v.getName()))
        graph.addInput(input(v.getName(), v.getType().getTensorType().getElemType(), shapes.get(v.getName())));
    return model.toBuilder().setIrVersion(Math.max(model.getIrVersion(), INITIALIZERS_ALONE)).setGraph(graph).build();
  }

  static Onnx.ValueInfoProto input(String name, int elementType, Shape shape) {
    Onnx.TensorShapeProto.Builder dims = Onnx.TensorShapeProto.newBuilder();
    for (int d : shape.dims()) dims.addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(d));
    Onnx.TypeProto.Tensor.Builder tensor = Onnx.TypeProto.Tensor.newBuilder().setElemType(elementType).setShape(dims);
    return Onnx.ValueInfoProto.newBuilder().setName(name).setType(Onnx.TypeProto.newBuilder().setTensorType(tensor)).build();
  }
}
