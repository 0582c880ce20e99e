package dev.tilestream.fuzz;

import java.util.ArrayList;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/** Breaks a model where graphs break: edges, attributes, shapes, types, versions, and where its parts lie. */
final class HostileModel {
  private static final List<String> OPERATORS = List.of(
      "Add", "AveragePool", "BatchNormalization", "Cast", "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "DepthToSpace",
      "Einsum", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Gemm", "GlobalAveragePool", "GroupNormalization", "Identity",
      "If", "InstanceNormalization", "LRN", "LSTM", "LayerNormalization", "Loop", "LpPool", "MatMul", "MaxPool", "Mean", "NonZero", "OneHot",
      "PRelu", "Pad", "Range", "ReduceMean", "ReduceSum", "Relu", "Reshape", "Resize", "ReverseSequence", "Scan", "ScatterND", "Shape", "Size",
      "Slice", "Softmax", "SpaceToDepth", "Split", "Squeeze", "Sum", "Tile", "TopK", "Transpose", "Unsqueeze", "Upsample", "Where", "Levitate");
  private static final List<String> ATTRIBUTES = List.of(
      "axis", "axes", "perm", "pads", "strides", "dilations", "kernel_shape", "group", "auto_pad", "ceil_mode", "output_shape",
      "output_padding", "to", "blocksize", "keepdims", "mode", "split", "num_outputs", "starts", "ends", "count_include_pad", "size", "shape",
      "value", "equation", "scales");
  private static final List<String> TEXTS = List.of("", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "constant", "reflect", "edge", "wrap",
      "linear", "cubic", "nearest", "CRD", "align_corners", "ij,jk->ik", "...", "\0", "x".repeat(1000));

  private final Dice dice;
  private final GraphProto.Builder graph;
  private final ModelProto.Builder model;

  HostileModel(Dice dice, ModelProto valid) {
    this.dice = dice;
    model = valid.toBuilder();
    graph = valid.getGraph().toBuilder();
  }

  ModelProto hurt() {
    for (int times = dice.between(1, 3); times > 0; times--) once();
    return model.setGraph(graph).build();
  }

  private void once() {
    switch (dice.below(20)) {
      case 0, 1, 2, 3 -> node(this::attributes);
      case 4, 5 -> node(this::edges);
      case 6 -> node(n -> n.setOpType(dice.one(OPERATORS)));
      case 7 -> order();
      case 8, 9 -> port();
      case 10, 11, 12 -> initializer();
      case 13 -> versions();
      case 14 -> new HostileParts(dice, model, graph).makeMuch();
      case 15 -> new HostileParts(dice, model, graph).nest();
      case 16 -> new HostileParts(dice, model, graph).lengthen();
      case 17 -> new HostileParts(dice, model, graph).function();
      case 18 -> new HostileParts(dice, model, graph).elsewhere();
      default -> outputs();
    }
  }

  private interface NodeChange {
    void apply(NodeProto.Builder node);
  }

  private void node(NodeChange change) {
    if (graph.getNodeCount() > 0) change.apply(graph.getNodeBuilder(dice.below(graph.getNodeCount())));
  }

  private void attributes(NodeProto.Builder node) {
    if (node.getAttributeCount() == 0 || dice.chance(0.25)) node.addAttribute(AttributeProto.newBuilder().setName(dice.one(ATTRIBUTES)));
    int at = dice.below(node.getAttributeCount());
    AttributeProto.Builder a = node.getAttributeBuilder(at);
    switch (dice.below(7)) {
      case 0 -> node.removeAttribute(at);
      case 1 -> a.setType(AttributeProto.AttributeType.INT).setI(dice.extreme());
      case 2 -> a.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(dice.one(TEXTS)));
      case 3 -> a.setType(AttributeProto.AttributeType.FLOAT).setF(dice.oneOf(0f, -1f, Float.NaN, Float.POSITIVE_INFINITY, 1e30f, 1e-30f));
      case 4 -> node.addAttribute(a.build());
      case 5 -> a.setName(dice.one(ATTRIBUTES));
      default -> numbers(a);
    }
  }

  /** One of the numbers is another, or there are more or fewer. */
  private void numbers(AttributeProto.Builder a) {
    a.setType(AttributeProto.AttributeType.INTS);
    long value = dice.chance(0.5) ? dice.extreme() : dice.between(-3, 5);
    if (a.getIntsCount() == 0 || dice.chance(0.2)) a.addInts(value);
    else if (dice.chance(0.2)) a.clearInts();
    else a.setInts(dice.below(a.getIntsCount()), value);
  }

  /** What a node reads and writes: itself, each other, nothing, something that is not there. */
  private void edges(NodeProto.Builder node) {
    String other = anyName();
    switch (dice.below(6)) {
      case 0 -> node.addInput(other);
      case 1 -> node.addOutput(other);
      case 2 -> node.clearInput();
      case 3 -> {
        if (node.getOutputCount() > 0) node.setOutput(dice.below(node.getOutputCount()), other);
      }
      default -> {
        if (node.getInputCount() > 0) node.setInput(dice.below(node.getInputCount()), other);
      }
    }
  }

  private String anyName() {
    List<String> names = new ArrayList<>(List.of("", "nowhere"));
    graph.getNodeList().forEach(n -> names.addAll(n.getOutputList()));
    graph.getInputList().forEach(i -> names.add(i.getName()));
    graph.getInitializerList().forEach(i -> names.add(i.getName()));
    return dice.one(names);
  }

  private void order() {
    if (graph.getNodeCount() == 0) return;
    NodeProto moved = graph.getNode(dice.below(graph.getNodeCount()));
    if (dice.chance(0.4)) graph.addNode(dice.below(graph.getNodeCount()), moved);
    else if (dice.chance(0.5)) graph.removeNode(dice.below(graph.getNodeCount()));
    else graph.setNode(dice.below(graph.getNodeCount()), moved);
  }

  private void port() {
    if (graph.getInputCount() == 0) return;
    ValueInfoProto.Builder port = graph.getInputBuilder(dice.below(graph.getInputCount()));
    var tensor = port.getTypeBuilder().getTensorTypeBuilder();
    var shape = tensor.getShapeBuilder();
    switch (dice.below(6)) {
      case 0 -> tensor.setElemType(dice.between(0, 30));
      case 1 -> shape.clearDim();
      case 2 -> shape.addDimBuilder().setDimValue(dice.extreme());
      case 3 -> port.setName(anyName());
      default -> {
        if (shape.getDimCount() == 0) return;
        shape.getDimBuilder(dice.below(shape.getDimCount())).setDimValue(dice.chance(0.6) ? dice.extreme() : dice.below(40));
      }
    }
  }

  private void initializer() {
    if (graph.getInitializerCount() == 0) {
      graph.addInitializer(TensorProto.newBuilder().setName(anyName()).setDataType(1).addDims(dice.extreme()));
      return;
    }
    TensorProto.Builder t = graph.getInitializerBuilder(dice.below(graph.getInitializerCount()));
    switch (dice.below(7)) {
      case 0 -> t.setDataType(dice.between(0, 30));
      case 1 -> t.addDims(dice.extreme());
      case 2 -> t.clearDims();
      case 3 -> t.setRawData(ByteString.copyFrom(dice.bytes(dice.below(64))));
      case 4 -> t.setName(anyName());
      case 5 -> t.addInt64Data(dice.extreme()).addFloatData(Float.NaN);
      default -> {
        if (t.getDimsCount() > 0) t.setDims(dice.below(t.getDimsCount()), dice.chance(0.6) ? dice.extreme() : dice.below(9));
      }
    }
  }

  private void versions() {
    switch (dice.below(4)) {
      case 0 -> model.setIrVersion(dice.extreme());
      case 1 -> model.addOpsetImport(OperatorSetIdProto.newBuilder()
          .setDomain(dice.oneOf("", "ai.onnx", "com.microsoft", "no.such")).setVersion(dice.extreme()));
      case 2 -> model.clearOpsetImport();
      default -> {
        if (model.getOpsetImportCount() > 0) model.getOpsetImportBuilder(0).setVersion(dice.between(1, 26));
      }
    }
  }

  private void outputs() {
    if (dice.chance(0.3) || graph.getOutputCount() == 0) graph.addOutput(ValueInfoProto.newBuilder().setName(anyName()));
    else if (dice.chance(0.3)) graph.addOutput(graph.getOutput(0));
    else graph.getOutputBuilder(dice.below(graph.getOutputCount())).setName(anyName());
  }
}
