package dev.tilestream.graph.onnx;

import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.classify.Draft;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import onnx.Onnx;

/** Numbers the values of an optimised model and leaves out what no output needs. */
final class DraftBuilder {
  /** Second and later outputs of these may be left out; unread ones only stand in the way. */
  private static final Set<String> OPTIONAL_OUTPUTS = Set.of("MaxPool", "Dropout", "BatchNormalization", "LayerNormalization");

  private final Onnx.GraphProto graph;
  private final Map<String, ModelSignature.Port> ports = new HashMap<>();
  private final Map<String, Onnx.TensorProto> constants = new HashMap<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final Set<Integer> doubted = new HashSet<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Onnx.TensorProto> initializers = new ArrayList<>();

  private DraftBuilder(Onnx.GraphProto graph) {
    this.graph = graph;
    for (Onnx.ValueInfoProto v : graph.getValueInfoList()) ports.put(v.getName(), ModelSignature.port(v));
    for (Onnx.ValueInfoProto v : graph.getOutputList()) ports.put(v.getName(), ModelSignature.port(v));
    for (Onnx.ValueInfoProto v : graph.getInputList()) ports.put(v.getName(), ModelSignature.port(v));
    for (Onnx.TensorProto t : graph.getInitializerList()) constants.put(t.getName(), t);
  }

  /** @param constants reads values once the initializers are known */
  static Draft build(Onnx.ModelProto model, Function<List<Onnx.TensorProto>, Function<Tensor, double[]>> constants) {
    DraftBuilder b = new DraftBuilder(model.getGraph());
    List<Integer> inputs = new ArrayList<>();
    for (Onnx.ValueInfoProto v : b.graph.getInputList()) inputs.add(b.value(v.getName(), Tensor.Kind.INPUT, true));
    List<Draft.Node> nodes = new ArrayList<>();
    for (Onnx.NodeProto n : b.live()) nodes.add(b.node(n));
    List<Integer> outputs = new ArrayList<>();
    for (Onnx.ValueInfoProto v : b.graph.getOutputList()) outputs.add(b.read(v.getName()));
    Onnx.ModelProto header = model.toBuilder()
        .setGraph(Onnx.GraphProto.newBuilder().setName(b.graph.getName())).build();
    return new Draft(header, b.tensors, b.initializers, nodes, inputs, outputs, constants.apply(b.initializers));
  }

  /** Nodes that an output depends on, unread optional outputs blanked. */
  private List<Onnx.NodeProto> live() {
    Set<String> needed = new HashSet<>();
    for (Onnx.ValueInfoProto v : graph.getOutputList()) needed.add(v.getName());
    List<Onnx.NodeProto> live = new ArrayList<>();
    for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
      Onnx.NodeProto n = graph.getNode(i);
      if (n.getOutputList().stream().noneMatch(needed::contains)) continue;
      needed.addAll(n.getInputList());
      needed.addAll(captured(n));
      live.add(blankUnread(n, needed));
    }
    Collections.reverse(live);
    return live;
  }

  private static Onnx.NodeProto blankUnread(Onnx.NodeProto n, Set<String> needed) {
    if (!OPTIONAL_OUTPUTS.contains(n.getOpType())) return n;
    Onnx.NodeProto.Builder b = n.toBuilder().clearOutput();
    List<String> kept = new ArrayList<>();
    for (String o : n.getOutputList()) kept.add(kept.isEmpty() || needed.contains(o) ? o : "");
    while (kept.size() > 1 && kept.get(kept.size() - 1).isEmpty()) kept.remove(kept.size() - 1);
    return b.addAllOutput(kept).build();
  }

  private Draft.Node node(Onnx.NodeProto n) {
    List<Integer> inputs = new ArrayList<>();
    for (String name : n.getInputList()) inputs.add(name.isEmpty() ? -1 : read(name));
    List<Integer> captured = new ArrayList<>();
    for (String name : captured(n)) captured.add(read(name));
    boolean doubtful = doubtful(n, inputs) || captured.stream().anyMatch(doubted::contains);
    List<Integer> outputs = new ArrayList<>();
    for (String name : n.getOutputList()) {
      outputs.add(name.isEmpty() ? -1 : value(name, Tensor.Kind.VALUE, !doubtful));
      if (doubtful && !name.isEmpty()) doubted.add(outputs.get(outputs.size() - 1));
    }
    return new Draft.Node(n, inputs, outputs, captured);
  }

  private boolean doubtful(Onnx.NodeProto n, List<Integer> inputs) {
    if (inputs.stream().anyMatch(doubted::contains)) return true;
    if (inputs.isEmpty() || inputs.get(0) < 0) return false;
    return PoolShapes.contradicts(n, tensors.get(inputs.get(0)).shape(), shape(n.getOutput(0)));
  }

  private Shape shape(String name) {
    ModelSignature.Port port = ports.get(name);
    return port != null && port.fixed() ? ModelShapes.of(name, port.dims()) : null;
  }

  private int read(String name) {
    Integer id = ids.get(name);
    if (id != null) return id;
    Onnx.TensorProto constant = constants.get(name);
    if (constant == null) throw new ModelRefused("graph: nothing makes %s before it is read".formatted(name));
    DataType type = DataType.knows(constant.getDataType()) ? DataType.of(constant.getDataType()) : null;
    Shape shape = ModelShapes.of(name, constant.getDimsList());
    return add(new Tensor(tensors.size(), name, Tensor.Kind.CONSTANT, type, shape, -1), constant);
  }

  private int value(String name, Tensor.Kind kind, boolean believed) {
    ModelSignature.Port port = ports.get(name);
    Shape shape = believed ? shape(name) : null;
    return add(new Tensor(tensors.size(), name, kind, port == null ? null : port.type(), shape, -1), null);
  }

  private int add(Tensor tensor, Onnx.TensorProto constant) {
    tensors.add(tensor);
    initializers.add(constant);
    ids.put(tensor.name(), tensor.id());
    return tensor.id();
  }

  /** Names that bodies of loops and branches read from outside. */
  private static Set<String> captured(Onnx.NodeProto node) {
    Set<String> out = new LinkedHashSet<>();
    for (Onnx.AttributeProto a : node.getAttributeList()) {
      if (a.hasG()) captured(a.getG(), out);
      for (Onnx.GraphProto g : a.getGraphsList()) captured(g, out);
    }
    return out;
  }

  private static void captured(Onnx.GraphProto body, Set<String> out) {
    Set<String> own = new HashSet<>();
    for (Onnx.ValueInfoProto v : body.getInputList()) own.add(v.getName());
    for (Onnx.TensorProto t : body.getInitializerList()) own.add(t.getName());
    for (Onnx.NodeProto n : body.getNodeList()) {
      for (String in : n.getInputList()) if (!in.isEmpty() && !own.contains(in)) out.add(in);
      for (String in : captured(n)) if (!own.contains(in)) out.add(in);
      own.addAll(n.getOutputList());
    }
    for (Onnx.ValueInfoProto v : body.getOutputList()) if (!own.contains(v.getName())) out.add(v.getName());
  }
}
