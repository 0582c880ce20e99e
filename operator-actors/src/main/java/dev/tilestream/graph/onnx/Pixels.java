package dev.tilestream.graph.onnx;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import onnx.Onnx;

/**
 * Pixels in front of a model: an input comes as bytes, and the graph itself makes of them what the model takes, {@code (byte - mean) x scale}
 * in float32. So bytes are what may cross links, a quarter of floats, and plans are made knowing that.
 *
 * @param input name of the model's input: of float32 or float16, and of rank 3 or 4
 * @param channelsLast whether channels are the last dimension; else they are the third from the end
 * @param mean by channel, or one for all
 * @param scale likewise
 */
public record Pixels(String input, boolean channelsLast, List<Double> mean, List<Double> scale) {
  private static final int MOST_CHANNELS = 4;
  private static final int FLOAT32 = Onnx.TensorProto.DataType.FLOAT_VALUE;
  private static final int FLOAT16 = Onnx.TensorProto.DataType.FLOAT16_VALUE;
  private static final Set<Integer> TYPES = Set.of(FLOAT32, FLOAT16);

  public Pixels {
    mean = checked("mean", mean);
    scale = checked("scale", scale);
  }

  private static List<Double> checked(String field, List<Double> values) {
    if (values.isEmpty() || values.size() > MOST_CHANNELS || !values.stream().allMatch(v -> v != null && Float.isFinite(v.floatValue())))
      throw new IllegalArgumentException("%s: %s (expected: 1 to %d numbers)".formatted(field, values, MOST_CHANNELS));
    return List.copyOf(values);
  }

  /** Equal where the same is computed. */
  String signature() {
    return "pixels %s %s %s %s".formatted(input, channelsLast, mean, scale);
  }

  /**
   * {@code model} with these pixels in front of it. Its input keeps its name; what was read of that name is read of another one.
   *
   * @throws ModelRefused when it has no such input that can be computed from bytes
   */
  Onnx.ModelProto before(Onnx.ModelProto model) {
    Onnx.GraphProto graph = model.getGraph();
    Onnx.GraphProto.Builder out = graph.toBuilder().clearNode().clearInput().clearValueInfo();
    int type = 0;
    for (Onnx.ValueInfoProto v : graph.getInputList()) {
      boolean bytes = v.getName().equals(input);
      if (bytes) type = v.getType().getTensorType().getElemType();
      out.addInput(bytes ? asBytes(v) : v);
    }
    if (!TYPES.contains(type))
      throw new ModelRefused("pixels: input %s (expected: one of float32 or float16 that the model has)".formatted(input));
    if (graph.getOutputList().stream().anyMatch(v -> v.getName().equals(input)))
      throw new ModelRefused("pixels: input %s is an output, too (expected: one that is read only)".formatted(input));
    graph.getValueInfoList().stream().filter(v -> !v.getName().equals(input)).forEach(out::addValueInfo);
    String converted = convert(out, type);
    for (Onnx.NodeProto node : graph.getNodeList()) out.addNode(renamed(node, converted));
    return model.toBuilder().setGraph(out).build();
  }

  private static Onnx.ValueInfoProto asBytes(Onnx.ValueInfoProto value) {
    Onnx.TypeProto.Tensor.Builder tensor = value.getType().getTensorType().toBuilder().setElemType(Onnx.TensorProto.DataType.UINT8_VALUE);
    return value.toBuilder().setType(value.getType().toBuilder().setTensorType(tensor)).build();
  }

  /** The name of what the model read before. */
  private String convert(Onnx.GraphProto.Builder graph, int type) {
    String at = cast(graph, input, FLOAT32, "float");
    if (!all(mean, 0)) at = step(graph, "Sub", at, "mean", mean);
    if (!all(scale, 1)) at = step(graph, "Mul", at, "scale", scale);
    return type == FLOAT32 ? at : cast(graph, at, type, "half");
  }

  private static boolean all(List<Double> values, double value) {
    return values.stream().allMatch(v -> v == value);
  }

  private String cast(Onnx.GraphProto.Builder graph, String from, int type, String word) {
    Onnx.AttributeProto to = Onnx.AttributeProto.newBuilder()
        .setName("to").setType(Onnx.AttributeProto.AttributeType.INT).setI(type).build();
    return node(graph, "Cast", List.of(from), word, to);
  }

  private String step(Onnx.GraphProto.Builder graph, String operator, String from, String word, List<Double> values) {
    Onnx.TensorProto.Builder constant = Onnx.TensorProto.newBuilder().setName(name(word) + ".values").setDataType(FLOAT32);
    constant.addDims(values.size());
    if (!channelsLast && values.size() > 1) constant.addDims(1).addDims(1);
    for (double v : values) constant.addFloatData((float) v);
    graph.addInitializer(constant);
    return node(graph, operator, List.of(from, constant.getName()), word);
  }

  private String node(Onnx.GraphProto.Builder graph, String operator, List<String> inputs, String word, Onnx.AttributeProto... attributes) {
    graph.addNode(Onnx.NodeProto.newBuilder()
        .setOpType(operator).setName(name(word)).addAllInput(inputs).addOutput(name(word)).addAllAttribute(List.of(attributes)));
    return name(word);
  }

  private String name(String word) {
    return input + "/pixels." + word;
  }

  private Onnx.NodeProto renamed(Onnx.NodeProto node, String converted) {
    Onnx.NodeProto.Builder out = node.toBuilder().clearInput().clearAttribute();
    for (String in : node.getInputList()) out.addInput(in.equals(input) ? converted : in);
    for (Onnx.AttributeProto a : node.getAttributeList()) out.addAttribute(renamed(a, converted));
    return out.build();
  }

  private Onnx.AttributeProto renamed(Onnx.AttributeProto attribute, String converted) {
    if (!attribute.hasG() && attribute.getGraphsCount() == 0) return attribute;
    Function<Onnx.GraphProto, Onnx.GraphProto> body = graph -> renamed(graph, converted);
    Onnx.AttributeProto.Builder out = attribute.toBuilder().clearGraphs();
    if (attribute.hasG()) out.setG(body.apply(attribute.getG()));
    attribute.getGraphsList().stream().map(body).forEach(out::addGraphs);
    return out.build();
  }

  /** A body that reads the input from outside; one that has a value of that name is left as it is, since it hides the input. */
  private Onnx.GraphProto renamed(Onnx.GraphProto body, String converted) {
    if (hides(body)) return body;
    Onnx.GraphProto.Builder out = body.toBuilder().clearNode().clearOutput();
    for (Onnx.NodeProto node : body.getNodeList()) out.addNode(renamed(node, converted));
    for (Onnx.ValueInfoProto v : body.getOutputList()) out.addOutput(v.getName().equals(input) ? v.toBuilder().setName(converted).build() : v);
    return out.build();
  }

  private boolean hides(Onnx.GraphProto body) {
    return body.getInputList().stream().anyMatch(v -> v.getName().equals(input))
        || body.getInitializerList().stream().anyMatch(t -> t.getName().equals(input))
        || body.getNodeList().stream().anyMatch(n -> n.getOutputList().contains(input));
  }
}
