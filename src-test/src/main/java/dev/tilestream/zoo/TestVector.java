package dev.tilestream.zoo;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import onnx.Onnx.TensorProto;

/**
 * One test of the ONNX project: a model, inputs and the outputs it must give, in the model's order.
 *
 * @param name suite and test, like {@code node/test_softmax_axis_0}
 */
public record TestVector(String name, Path model, List<Value> inputs, List<Value> outputs) {
  public TestVector {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** All tests below {@code onnx-operators} of the shared data, by name. */
  public static List<TestVector> operators() {
    Path root = SharedData.path("onnx-operators");
    List<TestVector> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root, 3)) {
      for (Path model : files.filter(f -> f.endsWith("model.onnx")).sorted().toList()) all.add(read(root, model));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static TestVector read(Path root, Path model) throws IOException {
    Path set = model.resolveSibling("test_data_set_0");
    return new TestVector(root.relativize(model.getParent()).toString(), model, values(set, "input"), values(set, "output"));
  }

  private static List<Value> values(Path set, String kind) throws IOException {
    List<Value> values = new ArrayList<>();
    for (int i = 0; Files.exists(set.resolve(kind + "_" + i + ".pb")); i++) values.add(read(set.resolve(kind + "_" + i + ".pb")));
    return values;
  }

  /** Reads a serialized TensorProto. */
  public static Value read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return value(TensorProto.parseFrom(in));
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  /** @throws IllegalArgumentException for element types without a fixed size */
  public static Value value(TensorProto proto) {
    DataType type = DataType.of(proto.getDataType());
    Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
    if (!proto.getRawData().isEmpty()) return Value.of(type, shape, proto.getRawData().toByteArray());
    Value value = Value.empty(type, shape);
    ByteBuffer b = value.data();
    for (int i = 0; i < shape.elements(); i++) {
      switch (type) {
        case FLOAT32 -> b.putFloat(proto.getFloatData(i));
        case FLOAT64 -> b.putDouble(proto.getDoubleData(i));
        case INT64 -> b.putLong(proto.getInt64Data(i));
        case UINT32 -> b.putInt((int) proto.getUint64Data(i));
        case UINT64 -> b.putLong(proto.getUint64Data(i));
        case INT32 -> b.putInt(proto.getInt32Data(i));
        case BOOL, UINT8, INT8 -> b.put((byte) proto.getInt32Data(i));
        case FLOAT16, BFLOAT16, INT16, UINT16 -> b.putShort((short) proto.getInt32Data(i));
      }
    }
    return value;
  }
}
