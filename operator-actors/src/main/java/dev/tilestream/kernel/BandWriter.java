package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx;
import org.nd4j.shade.protobuf.ByteString;

/**
 * Collects nodes, constants, inputs and outputs of a {@link BandModel}. A tensor of the graph keeps its name and holds the rows that
 * {@link Band#rows} says; {@link #cut} gives fewer of them under another name, once for all who ask.
 */
final class BandWriter {
  /** The first IR version whose initializers need not be inputs is 4; this one knows every operator set up to 21. */
  private static final long LEAST_IR_VERSION = 8;

  private final Band band;
  private final OperatorGraph graph;
  private final Onnx.GraphProto.Builder out = Onnx.GraphProto.newBuilder().setName("band");
  private final Map<String, String> cuts = new HashMap<>();
  private final Map<List<Object>, String> constants = new HashMap<>();
  private final Set<Integer> weights = new HashSet<>();
  private final List<String> inputNames = new ArrayList<>();
  private final List<String> outputNames = new ArrayList<>();
  private int names;

  BandWriter(Band band) {
    this.band = band;
    this.graph = band.graph();
    for (Rows input : band.inputs()) inputNames.add(declareInput(graph.tensor(input.tensor()), input.span()));
  }

  Band band() {
    return band;
  }

  OperatorGraph graph() {
    return graph;
  }

  List<String> inputNames() {
    return inputNames;
  }

  List<String> outputNames() {
    return outputNames;
  }

  /** The finished model; call it once, after all nodes are in. */
  Onnx.ModelProto model() {
    Map<Rows, String> seen = new HashMap<>();
    for (Rows output : band.outputs()) {
      String name = seen.get(output);
      if (name == null) {
        name = declareOutput(output);
        seen.put(output, name);
      }
      outputNames.add(name);
    }
    long version = Math.max(graph.model().getIrVersion(), LEAST_IR_VERSION);
    return graph.model().toBuilder().clearTrainingInfo().setIrVersion(version).setGraph(out).build();
  }

  /** Version of ONNX's own operators that the model imports. */
  long opset() {
    for (Onnx.OperatorSetIdProto set : graph.model().getOpsetImportList())
      if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) return set.getVersion();
    return 1;
  }

  /** A name that no tensor of the graph has. */
  String fresh(String like) {
    return like + "#" + ++names;
  }

  /** Rows of {@code tensor} that its own name stands for here. */
  RowSpan held(int tensor) {
    Tensor t = graph.tensor(tensor);
    return t.constant() ? t.all() : band.rows(tensor).orElseThrow(() -> new IllegalStateException("band: " + t.name() + " is not in it"));
  }

  /** Name of exactly {@code rows} of {@code tensor}. */
  String cut(int tensor, RowSpan rows) {
    Tensor t = graph.tensor(tensor);
    if (t.constant()) weight(tensor);
    RowSpan held = held(tensor);
    if (held.equals(rows)) return t.name();
    RowSpan part = rows.shift(-held.from());
    return cuts.computeIfAbsent(
        tensor + " " + rows, key -> Nodes.slice(this, t.name(), t.axis(), part.from(), part.to(), fresh(t.name())));
  }

  /** Makes a constant of the graph available under its name. */
  void weight(int tensor) {
    if (weights.add(tensor)) out.addInitializer(graph.initializers().get(tensor));
  }

  /** Constants in the model that lie in the graph's mapped file and that Java has tensors of, by name. */
  Map<String, BandModel.Weight> mapped() {
    Map<String, BandModel.Weight> mapped = new HashMap<>();
    for (int id : weights) {
      Tensor t = graph.tensor(id);
      boolean external = graph.initializers().get(id).getExternalDataCount() > 0;
      if (external && OrtTypes.carrier(t.type()) == t.type())
        mapped.put(t.name(), new BandModel.Weight(t.type(), t.shape(), graph.weights().bytes(id)));
    }
    return mapped;
  }

  void add(Onnx.NodeProto.Builder node) {
    out.addNode(node);
  }

  /** Name of a constant vector; equal ones are shared. */
  String integers(long... values) {
    List<Object> key = new ArrayList<>(List.of("integers"));
    for (long v : values) key.add(v);
    return constants.computeIfAbsent(key, k -> {
      Onnx.TensorProto.Builder tensor = Onnx.TensorProto.newBuilder().setDataType(DataType.INT64.code()).addDims(values.length);
      for (long v : values) tensor.addInt64Data(v);
      return initializer(tensor);
    });
  }

  /** Name of a constant of these dimensions. */
  String reals(Shape shape, float... values) {
    Onnx.TensorProto.Builder tensor = Onnx.TensorProto.newBuilder().setDataType(DataType.FLOAT32.code());
    for (long d : shape.toLongs()) tensor.addDims(d);
    for (float v : values) tensor.addFloatData(v);
    return initializer(tensor);
  }

  /** Name of a constant of these little-endian bytes. */
  String raw(DataType type, Shape shape, byte[] bytes) {
    Onnx.TensorProto.Builder tensor = Onnx.TensorProto.newBuilder().setDataType(type.code()).setRawData(ByteString.copyFrom(bytes));
    for (long d : shape.toLongs()) tensor.addDims(d);
    return initializer(tensor);
  }

  private String initializer(Onnx.TensorProto.Builder tensor) {
    String name = fresh("constant");
    out.addInitializer(tensor.setName(name));
    return name;
  }

  /** The node of {@code operator} without inputs and outputs. */
  static Onnx.NodeProto.Builder like(Operator operator) {
    return operator.node().toBuilder().clearInput().clearOutput();
  }

  private String declareInput(Tensor tensor, RowSpan rows) {
    DataType carrier = OrtTypes.carrier(tensor.type());
    String name = carrier == tensor.type() ? tensor.name() : fresh(tensor.name());
    out.addInput(value(name, carrier, tensor.shape(), tensor.axis(), rows));
    if (carrier != tensor.type()) Nodes.cast(this, name, tensor.type(), tensor.name());
    return name;
  }

  private String declareOutput(Rows asked) {
    Tensor tensor = graph.tensor(asked.tensor());
    String name = cut(asked.tensor(), asked.span());
    DataType carrier = OrtTypes.carrier(tensor.type());
    if (carrier != tensor.type()) name = Nodes.cast(this, name, carrier, fresh(tensor.name()));
    out.addOutput(value(name, carrier, tensor.shape(), tensor.axis(), asked.span()));
    return name;
  }

  private static Onnx.ValueInfoProto value(String name, DataType type, Shape shape, int axis, RowSpan rows) {
    Onnx.TypeProto.Tensor.Builder tensor = Onnx.TypeProto.Tensor.newBuilder().setElemType(type.code());
    if (shape != null) {
      Onnx.TensorShapeProto.Builder dims = Onnx.TensorShapeProto.newBuilder();
      for (long d : shape.with(axis, rows.rows()).toLongs()) dims.addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(d));
      tensor.setShape(dims);
    }
    return Onnx.ValueInfoProto.newBuilder().setName(name).setType(Onnx.TypeProto.newBuilder().setTensorType(tensor)).build();
  }
}
