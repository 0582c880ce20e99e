package dev.tilestream.api;

import dev.tilestream.tensor.DataType;
import java.util.List;
import onnx.Onnx;

/** Small ONNX models, made here. A dimension of -1 is dynamic. */
final class OnnxModels {
  private OnnxModels() {}

  /** y = x. */
  static byte[] identity(DataType type, long... dims) {
    return model(List.of(value("x", type, dims)), List.of(node("Identity", "y", "x")), List.of(value("y", type, dims)));
  }

  /** sum = a + b and difference = a - b. */
  static byte[] sumAndDifference(long... dims) {
    return model(
        List.of(value("a", DataType.FLOAT32, dims), value("b", DataType.FLOAT32, dims)),
        List.of(node("Add", "sum", "a", "b"), node("Sub", "difference", "a", "b")),
        List.of(value("sum", DataType.FLOAT32, dims), value("difference", DataType.FLOAT32, dims)));
  }

  /** quotient = a / b. */
  static byte[] quotient(DataType type, long... dims) {
    return model(List.of(value("a", type, dims), value("b", type, dims)), List.of(node("Div", "quotient", "a", "b")), List.of(value("quotient", type, dims)));
  }

  /** length = number of elements of a sequence of tensors: an input that is no tensor. */
  static byte[] sequenceLength() {
    Onnx.TypeProto element = Onnx.TypeProto.newBuilder()
        .setTensorType(Onnx.TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT32.code())).build();
    Onnx.ValueInfoProto sequence = Onnx.ValueInfoProto.newBuilder()
        .setName("s")
        .setType(Onnx.TypeProto.newBuilder().setSequenceType(Onnx.TypeProto.Sequence.newBuilder().setElemType(element)))
        .build();
    return model(List.of(sequence), List.of(node("SequenceLength", "length", "s")), List.of(value("length", DataType.INT64)));
  }

  private static byte[] model(List<Onnx.ValueInfoProto> inputs, List<Onnx.NodeProto> nodes, List<Onnx.ValueInfoProto> outputs) {
    Onnx.GraphProto graph =
        Onnx.GraphProto.newBuilder().setName("g").addAllInput(inputs).addAllNode(nodes).addAllOutput(outputs).build();
    return Onnx.ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static Onnx.NodeProto node(String operator, String output, String... inputs) {
    return Onnx.NodeProto.newBuilder().setOpType(operator).setName(output).addAllInput(List.of(inputs)).addOutput(output).build();
  }

  private static Onnx.ValueInfoProto value(String name, DataType type, long... dims) {
    Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
    for (long dim : dims) {
      Onnx.TensorShapeProto.Dimension.Builder dimension = Onnx.TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim < 0 ? dimension.setDimParam("n") : dimension.setDimValue(dim));
    }
    Onnx.TypeProto.Tensor.Builder tensor = Onnx.TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(shape);
    return Onnx.ValueInfoProto.newBuilder().setName(name).setType(Onnx.TypeProto.newBuilder().setTensorType(tensor)).build();
  }
}
