package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import onnx.Onnx;

/** Writes small ONNX models for tests. */
public final class ModelSketch {
  private final int opset;
  private final Random random;
  private final Onnx.GraphProto.Builder graph = Onnx.GraphProto.newBuilder().setName("sketch");

  public ModelSketch(int opset, long seed) {
    this.opset = opset;
    this.random = new Random(seed);
  }

  public ModelSketch input(String name, int... dims) {
    graph.addInput(FixedModel.input(name, DataType.FLOAT32.code(), Shape.of(dims)));
    return this;
  }

  /** An input with open dimensions: a number, or a name. */
  public ModelSketch openInput(String name, Object... dims) {
    Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
    for (Object d : dims)
      shape.addDim(d instanceof Integer i ? Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(i)
          : Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam((String) d));
    Onnx.TypeProto.Tensor.Builder tensor = Onnx.TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT32.code()).setShape(shape);
    graph.addInput(Onnx.ValueInfoProto.newBuilder().setName(name).setType(Onnx.TypeProto.newBuilder().setTensorType(tensor)));
    return this;
  }

  /** Seeded values in [0.5, 1.5). */
  public ModelSketch weights(String name, int... dims) {
    Shape shape = Shape.of(dims);
    Onnx.TensorProto.Builder t = Onnx.TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT32.code());
    for (int d : dims) t.addDims(d);
    for (long i = 0; i < shape.elements(); i++) t.addFloatData(0.5f + random.nextFloat());
    graph.addInitializer(t);
    return this;
  }

  public ModelSketch reals(String name, float... values) {
    Onnx.TensorProto.Builder t = Onnx.TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT32.code()).addDims(values.length);
    for (float v : values) t.addFloatData(v);
    graph.addInitializer(t);
    return this;
  }

  public ModelSketch integers(String name, long... values) {
    Onnx.TensorProto.Builder t = Onnx.TensorProto.newBuilder().setName(name).setDataType(DataType.INT64.code()).addDims(values.length);
    for (long v : values) t.addInt64Data(v);
    graph.addInitializer(t);
    return this;
  }

  /** @param attributes Integer, long[], Float or String values */
  public ModelSketch node(String type, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    Onnx.NodeProto.Builder n = Onnx.NodeProto.newBuilder().setOpType(type).setName(outputs.get(0) + ":" + type);
    n.addAllInput(inputs).addAllOutput(outputs);
    attributes.forEach((name, value) -> n.addAttribute(attribute(name, value)));
    graph.addNode(n);
    return this;
  }

  public ModelSketch node(String type, String input, String output, Map<String, Object> attributes) {
    return node(type, List.of(input), List.of(output), attributes);
  }

  private static Onnx.AttributeProto attribute(String name, Object value) {
    Onnx.AttributeProto.Builder a = Onnx.AttributeProto.newBuilder().setName(name);
    if (value instanceof Integer i) return a.setType(Onnx.AttributeProto.AttributeType.INT).setI(i).build();
    if (value instanceof Float f) return a.setType(Onnx.AttributeProto.AttributeType.FLOAT).setF(f).build();
    if (value instanceof String s)
      return a.setType(Onnx.AttributeProto.AttributeType.STRING).setS(org.nd4j.shade.protobuf.ByteString.copyFromUtf8(s)).build();
    a.setType(Onnx.AttributeProto.AttributeType.INTS);
    for (long v : (long[]) value) a.addInts(v);
    return a.build();
  }

  public ModelSketch output(String name) {
    graph.addOutput(Onnx.ValueInfoProto.newBuilder().setName(name));
    return this;
  }

  public Path write(Path directory) {
    Onnx.ModelProto model = Onnx.ModelProto.newBuilder()
        .setIrVersion(8).setGraph(graph).addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(opset)).build();
    try {
      Path file = Files.createTempFile(directory, "sketch", ".onnx");
      return Files.write(file, model.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
