package dev.tilestream.kernel;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import onnx.Onnx;
import org.junit.jupiter.api.Assumptions;
import org.nd4j.shade.protobuf.ByteString;

/** Models and inputs for kernel tests; those from the shared test data skip the test where it is absent. */
final class TestModels {
  private TestModels() {}

  static Path root() {
    Path root = Path.of(System.getProperty("tilestream.data", "../../shared/data"));
    Assumptions.assumeTrue(Files.isDirectory(root), "no test data at " + root);
    return root;
  }

  /** All models below a directory of the shared test data. */
  static List<Path> below(String directory) {
    try (Stream<Path> walk = Files.walk(root().resolve(directory))) {
      return walk.filter(p -> p.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first test vector beside an operator's model, by input; null where the model has none. */
  static List<Value> vectors(Path model, OperatorGraph graph) throws IOException {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Path file = model.resolveSibling("test_data_set_0").resolve("input_" + i + ".pb");
      if (!Files.exists(file)) return null;
      values.add(Value.of(Onnx.TensorProto.parseFrom(Files.readAllBytes(file))));
    }
    return values;
  }

  /** Seeded values for every input of the graph. */
  static List<Value> random(OperatorGraph graph, Random random) {
    List<Value> values = new ArrayList<>();
    for (int t : graph.inputs()) values.add(Value.random(graph.tensor(t).type(), graph.tensor(t).shape(), random));
    return values;
  }

  /**
   * Puts seeded values in place of the constants that a published architecture makes by ConstantOfShape: with all weights equal, any
   * mix-up of rows or channels would go unseen.
   */
  static Onnx.ModelProto randomised(Path model, Random random) throws IOException {
    Onnx.ModelProto proto = Onnx.ModelProto.parseFrom(Files.readAllBytes(model));
    Onnx.GraphProto.Builder graph = proto.getGraph().toBuilder().clearNode();
    for (Onnx.NodeProto node : proto.getGraph().getNodeList()) {
      if (!node.getOpType().equals("ConstantOfShape")) {
        graph.addNode(node);
        continue;
      }
      Onnx.TensorProto shape =
          proto.getGraph().getInitializerList().stream().filter(t -> t.getName().equals(node.getInput(0))).findFirst().orElseThrow();
      graph.addInitializer(weights(node.getOutput(0), Value.of(shape).longs(), random));
    }
    return proto.toBuilder().setGraph(graph).build();
  }

  /** He-like scale, and positive where one dimension alone may be a variance. */
  static Onnx.TensorProto weights(String name, long[] dims, Random random) {
    Onnx.TensorProto.Builder tensor = Onnx.TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT32.code());
    long elements = 1;
    for (long d : dims) {
      tensor.addDims(d);
      elements *= d;
    }
    double scale = dims.length < 2 ? 0.1 : Math.sqrt(2.0 * dims[0] / elements);
    ByteBuffer bytes = ByteBuffer.allocate((int) elements * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++)
      bytes.putFloat((float) (dims.length < 2 ? 0.5 + scale * random.nextDouble() : scale * random.nextGaussian()));
    return tensor.setRawData(ByteString.copyFrom(bytes.flip())).build();
  }

  /** A tensor's type, shape and little-endian bytes. */
  record Value(DataType type, Shape shape, ByteBuffer bytes) {
    static Value of(Onnx.TensorProto proto) {
      DataType type = DataType.of(proto.getDataType());
      Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
      ByteBuffer bytes = ByteBuffer.allocateDirect((int) shape.bytes(type)).order(ByteOrder.LITTLE_ENDIAN);
      if (!proto.getRawData().isEmpty()) bytes.put(proto.getRawData().asReadOnlyByteBuffer());
      else fill(proto, type, bytes);
      return new Value(type, shape, bytes.flip());
    }

    private static void fill(Onnx.TensorProto proto, DataType type, ByteBuffer bytes) {
      switch (type) {
        case FLOAT32 -> proto.getFloatDataList().forEach(bytes::putFloat);
        case FLOAT64 -> proto.getDoubleDataList().forEach(bytes::putDouble);
        case INT64 -> proto.getInt64DataList().forEach(bytes::putLong);
        case INT32 -> proto.getInt32DataList().forEach(bytes::putInt);
        case INT16, UINT16, FLOAT16, BFLOAT16 -> proto.getInt32DataList().forEach(v -> bytes.putShort(v.shortValue()));
        case INT8, UINT8, BOOL -> proto.getInt32DataList().forEach(v -> bytes.put(v.byteValue()));
        case UINT32 -> proto.getUint64DataList().forEach(v -> bytes.putInt(v.intValue()));
        case UINT64 -> proto.getUint64DataList().forEach(bytes::putLong);
      }
    }

    static Value random(DataType type, Shape shape, Random random) {
      ByteBuffer bytes = ByteBuffer.allocateDirect((int) shape.bytes(type)).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining())
        switch (type) {
          case FLOAT32 -> bytes.putFloat((float) random.nextGaussian());
          case FLOAT64 -> bytes.putDouble(random.nextGaussian());
          case INT64 -> bytes.putLong(random.nextInt(5));
          case INT32 -> bytes.putInt(random.nextInt(5));
          case BOOL -> bytes.put((byte) random.nextInt(2));
          case UINT8, INT8 -> bytes.put((byte) random.nextInt(100));
          default -> throw new IllegalArgumentException("random " + type);
        }
      return new Value(type, shape, bytes.flip());
    }

    long[] longs() {
      long[] values = new long[(int) shape.elements()];
      for (int i = 0; i < values.length; i++) values[i] = bytes.getLong(i * 8);
      return values;
    }

    /** Elements as numbers. */
    double[] numbers() {
      double[] values = new double[(int) shape.elements()];
      ByteBuffer b = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length; i++)
        values[i] = switch (type) {
          case FLOAT32 -> b.getFloat();
          case FLOAT64 -> b.getDouble();
          case INT64, UINT64 -> b.getLong();
          case INT32, UINT32 -> b.getInt();
          case INT16, UINT16, BFLOAT16 -> b.getShort();
          case FLOAT16 -> half(b.getShort());
          case INT8, UINT8, BOOL -> b.get();
        };
      return values;
    }

    private static double half(short bits) {
      int exponent = bits >> 10 & 31;
      double fraction = (bits & 1023) / 1024.0;
      double normal = exponent == 31 ? Double.POSITIVE_INFINITY : (1 + fraction) * Math.pow(2, exponent - 15);
      double magnitude = exponent == 0 ? fraction * 0x1p-14 : normal;
      return bits < 0 ? -magnitude : magnitude;
    }
  }
}
