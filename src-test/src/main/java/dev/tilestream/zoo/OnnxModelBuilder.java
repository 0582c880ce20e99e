package dev.tilestream.zoo;

import dev.tilestream.tensor.DataType;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import onnx.Onnx;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedOutputStream;

/**
 * Builds an ONNX model node by node; every method that makes a value returns its name. Weights are a function of the seed and of the
 * order of calls. Not thread-safe.
 *
 * <pre>{@code
 * OnnxModelBuilder m = new OnnxModelBuilder("tiny", 7).input("x", DataType.FLOAT32, 1, 3, 8, 8);
 * String y = m.node("Conv", List.of("x", m.heWeights(4, 3, 3, 3)), numbers("pads", 1, 1, 1, 1));
 * m.output(m.node("Relu", List.of(y)), DataType.FLOAT32, 1, 4, 8, 8).write(path);
 * }</pre>
 */
public final class OnnxModelBuilder {
  private static final int IR_VERSION = 8;

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final List<SeededWeights> weights = new ArrayList<>();
  private final SplittableRandom seeds;
  private long opset = 13;
  private int names;

  public OnnxModelBuilder(String name, long seed) {
    graph.setName(name);
    seeds = new SplittableRandom(seed);
  }

  public OnnxModelBuilder opset(long version) {
    opset = version;
    return this;
  }

  public OnnxModelBuilder input(String name, DataType type, int... dims) {
    graph.addInput(port(name, type, dims));
    return this;
  }

  /** Declares an output; without dims its shape is left to be inferred. */
  public OnnxModelBuilder output(String name, DataType type, int... dims) {
    graph.addOutput(port(name, type, dims));
    return this;
  }

  /** A node with one output. */
  public String node(String type, List<String> inputs, AttributeProto... attributes) {
    return node(type, inputs, 1, attributes).get(0);
  }

  public List<String> node(String type, List<String> inputs, int outputs, AttributeProto... attributes) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).setName(fresh(type)).addAllInput(inputs);
    for (int i = 0; i < outputs; i++) node.addOutput(outputs == 1 ? node.getName() + ":out" : node.getName() + ":out" + i);
    for (AttributeProto a : attributes) node.addAttribute(a);
    graph.addNode(node);
    return List.copyOf(node.getOutputList());
  }

  /** Weights [out, in/groups, kernel...] (or [out, in]) that keep the variance of what flows through a rectified layer (He et al. 2015). */
  public String heWeights(int... dims) {
    long fanIn = 1;
    for (int i = 1; i < dims.length; i++) fanIn *= dims[i];
    float bound = (float) Math.sqrt(6.0 / fanIn);
    return uniform(-bound, bound, dims);
  }

  public String uniform(double low, double high, int... dims) {
    String name = fresh("weights");
    weights.add(new SeededWeights(name, dims, seeds.nextLong(), (float) low, (float) high));
    return name;
  }

  /** A one-dimensional int64 constant: a shape, axes, pads. */
  public String numbers(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : values) raw.putLong(v);
    return constant(TensorProto.DataType.INT64_VALUE, raw, values.length);
  }

  /** A one-dimensional float32 constant. */
  public String reals(float... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) raw.putFloat(v);
    return constant(TensorProto.DataType.FLOAT_VALUE, raw, values.length);
  }

  /** A float32 constant without dimensions. */
  public String scalar(float value) {
    ByteBuffer raw = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
    return constant(TensorProto.DataType.FLOAT_VALUE, raw);
  }

  private String constant(int type, ByteBuffer raw, long... dims) {
    TensorProto.Builder t = TensorProto.newBuilder().setName(fresh("constant")).setDataType(type).setRawData(ByteString.copyFrom(raw.array()));
    for (long d : dims) t.addDims(d);
    graph.addInitializer(t);
    return t.getName();
  }

  /** The whole model in memory; for small ones. */
  public byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Writes the model in one pass; the file appears under its name only when complete. */
  public void write(Path file) {
    try {
      Path part = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".part");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16)) {
        writeTo(out);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeTo(OutputStream stream) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(stream);
    ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("tilestream-zoo")
        .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
        .build()
        .writeTo(out);
    GraphProto rest = graph.build();
    long size = rest.getSerializedSize();
    for (SeededWeights w : weights)
      size += CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER) + CodedOutputStream.computeUInt64SizeNoTag(w.size()) + w.size();
    if (size > Integer.MAX_VALUE) throw new IllegalStateException("model: %d bytes (expected: below 2 GB, protobuf's limit)".formatted(size));
    out.writeTag(ModelProto.GRAPH_FIELD_NUMBER, 2);
    out.writeUInt64NoTag(size);
    rest.writeTo(out);
    for (SeededWeights w : weights) {
      out.writeTag(GraphProto.INITIALIZER_FIELD_NUMBER, 2);
      out.writeUInt64NoTag(w.size());
      w.writeTo(out);
    }
    out.flush();
  }

  private String fresh(String what) {
    return what + "_" + names++;
  }

  private static ValueInfoProto port(String name, DataType type, int... dims) {
    Onnx.TypeProto.Tensor.Builder tensor = Onnx.TypeProto.Tensor.newBuilder().setElemType(type.code());
    if (dims.length > 0) {
      Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
      for (int d : dims) shape.addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(d));
      tensor.setShape(shape);
    }
    return ValueInfoProto.newBuilder().setName(name).setType(Onnx.TypeProto.newBuilder().setTensorType(tensor)).build();
  }
}
