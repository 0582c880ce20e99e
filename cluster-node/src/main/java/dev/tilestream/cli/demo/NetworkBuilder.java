package dev.tilestream.cli.demo;

import dev.tilestream.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/** Writes a small convolutional ONNX model with seeded weights, operator by operator; each call returns the name of what it makes. */
final class NetworkBuilder {
  private static final int OPSET = 13;
  private static final int IR_VERSION = 8;

  private final GraphProto.Builder graph;
  private final Random random;
  private int made;

  NetworkBuilder(String name, long seed) {
    graph = GraphProto.newBuilder().setName(name);
    random = new Random(seed);
  }

  void input(String name, DataType type, List<Long> shape) {
    graph.addInput(value(name, type, shape));
  }

  /** Names {@code tensor} as a float32 output of the model. */
  void output(String name, String tensor, List<Long> shape) {
    graph.addNode(NodeProto.newBuilder().setOpType("Identity").setName(name).addInput(tensor).addOutput(name));
    graph.addOutput(value(name, DataType.FLOAT32, shape));
  }

  String cast(String x, DataType type) {
    AttributeProto to = AttributeProto.newBuilder().setName("to").setType(AttributeProto.AttributeType.INT).setI(type.code()).build();
    return node("Cast", List.of(to), x);
  }

  /** factor * x + offset. */
  String scale(String x, float factor, float offset) {
    return node("Add", List.of(), node("Mul", List.of(), x, constant(List.of(), factor)), constant(List.of(), offset));
  }

  /** With bias, padded so that stride 1 keeps the size; weights as He et al. (arXiv 1502.01852) start them. */
  String convolution(String x, int channelsIn, int channelsOut, int window, int stride) {
    float[] weights = new float[channelsOut * channelsIn * window * window];
    double deviation = Math.sqrt(2.0 / (channelsIn * window * window));
    for (int i = 0; i < weights.length; i++) weights[i] = (float) (random.nextGaussian() * deviation);
    float[] bias = new float[channelsOut];
    for (int i = 0; i < bias.length; i++) bias[i] = (float) (random.nextGaussian() * 0.05);
    String w = constant(List.of((long) channelsOut, (long) channelsIn, (long) window, (long) window), weights);
    String b = constant(List.of((long) channelsOut), bias);
    long pad = window / 2;
    List<AttributeProto> attributes = List.of(
        ints("kernel_shape", window, window), ints("strides", stride, stride), ints("pads", pad, pad, pad, pad));
    return node("Conv", attributes, x, w, b);
  }

  String relu(String x) {
    return node("Relu", List.of(), x);
  }

  String sigmoid(String x) {
    return node("Sigmoid", List.of(), x);
  }

  String add(String x, String y) {
    return node("Add", List.of(), x, y);
  }

  byte[] build() {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("tilestream")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private String node(String type, List<AttributeProto> attributes, String... inputs) {
    String name = type.toLowerCase(Locale.ROOT) + "_" + made++;
    graph.addNode(
        NodeProto.newBuilder().setOpType(type).setName(name).addAllInput(List.of(inputs)).addOutput(name).addAllAttribute(attributes));
    return name;
  }

  private String constant(List<Long> shape, float... values) {
    String name = "w_" + made++;
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.addInitializer(
        TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT32.code()).addAllDims(shape)
            .setRawData(ByteString.copyFrom(bytes)));
    return name;
  }

  private static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) attribute.addInts(value);
    return attribute.build();
  }

  private static ValueInfoProto value(String name, DataType type, List<Long> shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (long d : shape) dims.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(d));
    TypeProto.Tensor tensor = TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(dims).build();
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(tensor)).build();
  }
}
