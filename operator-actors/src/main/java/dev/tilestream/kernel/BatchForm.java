package dev.tilestream.kernel;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import onnx.Onnx;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * A band's model with its first dimension open, so that several inputs can be given at once. There is such a form when that dimension is 1 in
 * all inputs and outputs and no operator does anything along it. What is not known to be so is not taken; and who uses such a form compares its
 * first results, see {@code dev.tilestream.tile.Together}.
 */
final class BatchForm {
  private static final String OPEN = "together";

  /** Of one operand: each element, window or channel by itself. */
  private static final Set<String> UNARY = Set.of(
      "Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Selu", "Softplus", "Softsign", "Mish", "Erf", "Gelu", "Abs",
      "Neg", "Exp", "Log", "Sqrt", "Reciprocal", "Floor", "Ceil", "Round", "Not", "Cast", "Identity", "LpPool", "AveragePool", "GlobalAveragePool",
      "GlobalMaxPool", "LRN", "DepthToSpace", "SpaceToDepth");
  /** Of several, element by element. */
  private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Sum", "Mean", "PRelu");

  private final Map<String, Onnx.TensorProto> constants = new HashMap<>();
  /** Of what is computed. */
  private final Map<String, Integer> ranks = new HashMap<>();
  private final Onnx.GraphProto.Builder graph;

  private BatchForm(Onnx.GraphProto graph) {
    this.graph = graph.toBuilder();
    for (Onnx.TensorProto t : graph.getInitializerList()) constants.put(t.getName(), t);
  }

  /** The same model for any number of inputs at once, if there is one. */
  static Optional<byte[]> of(byte[] model) {
    try {
      Onnx.ModelProto single = Onnx.ModelProto.parseFrom(model);
      return new BatchForm(single.getGraph()).opened().map(open -> single.toBuilder().setGraph(open).build().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a band's model: not one", e);
    }
  }

  private Optional<Onnx.GraphProto> opened() {
    for (int i = 0; i < graph.getInputCount(); i++) {
      Optional<Onnx.ValueInfoProto> open = opened(graph.getInput(i));
      if (open.isEmpty()) return Optional.empty();
      graph.setInput(i, open.get());
    }
    for (int i = 0; i < graph.getOutputCount(); i++) {
      Optional<Onnx.ValueInfoProto> open = opened(graph.getOutput(i));
      if (open.isEmpty()) return Optional.empty();
      graph.setOutput(i, open.get());
    }
    for (int i = 0; i < graph.getInputCount(); i++)
      ranks.put(graph.getInput(i).getName(), graph.getInput(i).getType().getTensorType().getShape().getDimCount());
    for (int i = 0; i < graph.getNodeCount(); i++) {
      Onnx.NodeProto node = graph.getNode(i);
      int rank = alone(node, i);
      if (rank < 2) return Optional.empty();
      for (String made : node.getOutputList()) ranks.put(made, rank);
    }
    return graph.getInputCount() == 0 ? Optional.empty() : Optional.of(graph.clearValueInfo().build());
  }

  private static Optional<Onnx.ValueInfoProto> opened(Onnx.ValueInfoProto value) {
    Onnx.TypeProto.Tensor tensor = value.getType().getTensorType();
    if (!tensor.hasShape() || tensor.getShape().getDimCount() < 2 || tensor.getShape().getDim(0).getDimValue() != 1) return Optional.empty();
    Onnx.TensorShapeProto.Builder shape = tensor.getShape().toBuilder();
    shape.setDim(0, Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam(OPEN));
    return Optional.of(value.toBuilder().setType(value.getType().toBuilder().setTensorType(tensor.toBuilder().setShape(shape))).build());
  }

  /** The rank of what it makes, if it makes of each of several inputs what it makes of one; else 0. */
  private int alone(Onnx.NodeProto node, int place) {
    boolean own = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
    if (!own || node.getInputCount() == 0 || node.getOutputCount() != 1) return 0;
    String type = node.getOpType();
    if (ELEMENTWISE.contains(type)) return elementwise(node);
    int rank = ranks.getOrDefault(node.getInput(0), 0);
    if (UNARY.contains(type)) return rank;
    return switch (type) {
      case "Conv", "ConvTranspose", "InstanceNormalization", "GroupNormalization" -> constant(node, 1) ? rank : 0;
      case "MaxPool" -> rank;
      case "BatchNormalization" -> attribute(node, "training_mode", 0) == 0 ? rank : 0;
      case "LayerNormalization" -> behind(attribute(node, "axis", -1)) ? rank : 0;
      case "Concat" -> concatenated(node);
      case "Softmax", "LogSoftmax" -> behind(attribute(node, "axis", rank == 2 ? 1 : -1)) ? rank : 0;
      case "Flatten" -> attribute(node, "axis", 1) == 1 ? 2 : 0;
      case "Transpose" -> attributes(node, "perm").filter(perm -> perm.length > 0 && perm[0] == 0).isPresent() ? rank : 0;
      case "Gemm" -> attribute(node, "transA", 0) == 0 && constant(node, 1) && (node.getInputCount() < 3 || constant(node, 2)) ? 2 : 0;
      case "MatMul" -> constant(node, 1) && constants.get(node.getInput(1)).getDimsCount() == 2 ? rank : 0;
      case "Slice" -> notFirst(values(node, "axes", 3)) ? rank : 0;
      case "Pad" -> !given(node, 3) && padsNotFirst(values(node, "pads", 1)) ? rank : 0;
      case "ReduceMean", "ReduceSum", "ReduceMax" -> notFirst(values(node, "axes", 1)) && attribute(node, "keepdims", 1) == 1 ? rank : 0;
      case "Resize", "Upsample" -> scaled(node) ? rank : 0;
      case "Reshape" -> reshaped(node, place);
      default -> 0;
    };
  }

  /** An axis behind the first, whatever the rank. */
  private static boolean behind(long axis) {
    return axis > 0 || axis == -1;
  }

  private boolean given(Onnx.NodeProto node, int input) {
    return node.getInputCount() > input && !node.getInput(input).isEmpty();
  }

  /** Computed operands of one rank; constants that are stretched along the first dimension. */
  private int elementwise(Onnx.NodeProto node) {
    int rank = 0;
    for (String operand : node.getInputList()) rank = Math.max(rank, ranks.getOrDefault(operand, 0));
    for (String operand : node.getInputList()) {
      Onnx.TensorProto constant = constants.get(operand);
      if (constant == null && ranks.getOrDefault(operand, 0) != rank) return 0;
      if (constant != null && (constant.getDimsCount() > rank || constant.getDimsCount() == rank && constant.getDims(0) != 1)) return 0;
    }
    return rank;
  }

  /** Of what is computed: a constant would have to be repeated. */
  private int concatenated(Onnx.NodeProto node) {
    int rank = ranks.getOrDefault(node.getInput(0), 0);
    boolean computed = node.getInputList().stream().allMatch(ranks::containsKey);
    return computed && behind(attribute(node, "axis", 0)) ? rank : 0;
  }

  private boolean constant(Onnx.NodeProto node, int input) {
    return node.getInputCount() > input && constants.containsKey(node.getInput(input));
  }

  /** Of an attribute in old operator sets, of a constant input in new ones. */
  private Optional<long[]> values(Onnx.NodeProto node, String attribute, int input) {
    Optional<long[]> said = attributes(node, attribute);
    if (said.isPresent()) return said;
    return constant(node, input) ? integers(constants.get(node.getInput(input))) : Optional.empty();
  }

  private static boolean notFirst(Optional<long[]> axes) {
    return axes.filter(a -> a.length > 0 && Arrays.stream(a).allMatch(axis -> axis > 0)).isPresent();
  }

  private static boolean padsNotFirst(Optional<long[]> pads) {
    return pads.filter(p -> p.length > 0 && p[0] == 0 && p[p.length / 2] == 0).isPresent();
  }

  /** By factors, whose first is 1; sizes would fix the first dimension. */
  private boolean scaled(Onnx.NodeProto node) {
    int scales = node.getOpType().equals("Upsample") ? 1 : 2;
    if (given(node, 3) || !constant(node, scales) || attributes(node, "axes").isPresent()) return false;
    Onnx.TensorProto factors = constants.get(node.getInput(scales));
    if (factors.getFloatDataCount() > 0) return factors.getFloatData(0) == 1;
    return factors.getRawData().size() >= 4 && factors.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getFloat() == 1;
  }

  /** Its first dimension is taken from the input instead, in a shape of its own. */
  private int reshaped(Onnx.NodeProto node, int place) {
    Optional<long[]> shape = constant(node, 1) ? integers(constants.get(node.getInput(1))) : Optional.empty();
    boolean whole = shape.filter(BatchForm::keepsFirst).isPresent();
    if (!whole || attribute(node, "allowzero", 0) != 0) return 0;
    String own = node.getInput(1) + "/" + OPEN;
    if (constants.putIfAbsent(own, constants.get(node.getInput(1))) == null) {
      Onnx.TensorProto.Builder open = Onnx.TensorProto.newBuilder()
          .setName(own).setDataType(Onnx.TensorProto.DataType.INT64_VALUE).addDims(shape.get().length).addInt64Data(0);
      for (int i = 1; i < shape.get().length; i++) open.addInt64Data(shape.get()[i]);
      graph.addInitializer(open);
    }
    graph.setNode(place, node.toBuilder().setInput(1, own).build());
    return shape.get().length;
  }

  private static boolean keepsFirst(long[] shape) {
    long inferred = Arrays.stream(shape).skip(1).filter(d -> d == -1).count();
    return shape.length > 1 && (shape[0] == 1 || shape[0] == 0) && inferred <= 1 && Arrays.stream(shape).skip(1).allMatch(d -> d > 0 || d == -1);
  }

  private static Optional<long[]> integers(Onnx.TensorProto tensor) {
    if (tensor.getDataType() != Onnx.TensorProto.DataType.INT64_VALUE || tensor.getExternalDataCount() > 0) return Optional.empty();
    if (tensor.getInt64DataCount() > 0) return Optional.of(tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray());
    var raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    long[] values = new long[raw.remaining()];
    raw.get(values);
    return Optional.of(values);
  }

  private static long attribute(Onnx.NodeProto node, String name, long otherwise) {
    for (Onnx.AttributeProto a : node.getAttributeList()) if (a.getName().equals(name)) return a.getI();
    return otherwise;
  }

  private static Optional<long[]> attributes(Onnx.NodeProto node, String name) {
    List<Long> values = new ArrayList<>();
    for (Onnx.AttributeProto a : node.getAttributeList()) if (a.getName().equals(name)) values.addAll(a.getIntsList());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.stream().mapToLong(Long::longValue).toArray());
  }
}
