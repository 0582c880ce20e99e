package dev.tilestream.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.FunctionProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/** Whole parts that no good model has: much that is made of little, depth, length, functions that call themselves, data from elsewhere. */
final class HostileParts {
  private static final List<String> PLACES = List.of(
      "../../../../../../etc/passwd", "/etc/passwd", "/dev/zero", "/proc/self/mem", "weights.bin", "", ".", "..", "model.onnx", "a/../../b",
      "*/_ORT_MEM_ADDR_/*", "file:///etc/passwd", "\\\\host\\share", "x\0y");

  private final Dice dice;
  private final ModelProto.Builder model;
  private final GraphProto.Builder graph;

  HostileParts(Dice dice, ModelProto.Builder model, GraphProto.Builder graph) {
    this.dice = dice;
    this.model = model;
    this.graph = graph;
  }

  /** Few numbers that a folded constant of gigabytes comes from. */
  void makeMuch() {
    long most = dice.oneOf(1000L, 20_000L, 1L << 31, 1L << 40);
    switch (dice.below(4)) {
      case 0 -> made("ConstantOfShape", constant(most, most));
      case 1 -> made("Expand", constant(1), constant(most, most));
      case 2 -> made("Tile", constant(1, 2, 3), constant(most * most / 4));
      default -> {
        graph.addNode(node("Reshape", "start", constant(0), constant()));
        graph.addNode(node("Reshape", "limit", constant(most * 1000), constant()));
        graph.addNode(node("Reshape", "step", constant(1), constant()));
        made("Range", "start", "limit", "step");
      }
    }
  }

  private void made(String operator, String... inputs) {
    graph.addNode(node(operator, "much", inputs));
    graph.addNode(node(dice.oneOf("Shape", "Identity", "ReduceMax"), "less", "much"));
    graph.addOutput(ValueInfoProto.newBuilder().setName("less"));
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(List.of(inputs)).addOutput(output).build();
  }

  private String constant(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : values) raw.putLong(v);
    String name = "made" + graph.getInitializerCount();
    graph.addInitializer(TensorProto.newBuilder().setName(name).setDataType(7).addDims(values.length).setRawData(ByteString.copyFrom(raw.array())));
    return name;
  }

  /** Branches within branches. */
  void nest() {
    GraphProto.Builder body = GraphProto.newBuilder().setName("body");
    body.addNode(node("Identity", "inner", graph.getInputCount() > 0 ? graph.getInput(0).getName() : "nowhere"));
    body.addOutput(ValueInfoProto.newBuilder().setName("inner"));
    String condition = "condition";
    graph.addInitializer(TensorProto.newBuilder().setName(condition).setDataType(9).setRawData(ByteString.copyFrom(new byte[] {1})));
    int depth = dice.oneOf(1, 3, 20, 40, 200);
    NodeProto branch = null;
    for (int i = 0; i < depth; i++) {
      String out = "branch" + i;
      branch = node(dice.oneOf("If", "If", "Loop"), out, condition).toBuilder()
          .addAttribute(graphAttribute("then_branch", body)).addAttribute(graphAttribute("else_branch", body)).build();
      if (depth > 10) branch = branch.toBuilder().removeAttribute(1).build();
      body = GraphProto.newBuilder().setName("body" + i).addNode(branch).addOutput(ValueInfoProto.newBuilder().setName(out));
    }
    graph.addNode(branch).addOutput(ValueInfoProto.newBuilder().setName(branch.getOutput(0)));
  }

  private static AttributeProto graphAttribute(String name, GraphProto.Builder body) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.GRAPH).setG(body).build();
  }

  /** A chain of many small nodes. */
  void lengthen() {
    String last = graph.getInputCount() > 0 ? graph.getInput(0).getName() : "nowhere";
    String operator = dice.oneOf("Relu", "Neg", "Identity", "Abs");
    int links = dice.oneOf(10, 100, 1000, 3000);
    for (int i = 0; i < links; i++) {
      graph.addNode(node(operator, "link" + i, last));
      last = "link" + i;
    }
    graph.addOutput(ValueInfoProto.newBuilder().setName(last));
  }

  /** Functions of the model's own: one that calls itself, two that call each other, one that calls another twice, and so on. */
  void function() {
    int functions = dice.oneOf(1, 2, 30);
    for (int i = 0; i < functions; i++) {
      String callee = functions == 30 ? "f" + (i + 1) : "f" + (i + 1) % functions;
      if (i == 29) callee = "Relu";
      String domain = i == 29 ? "" : "own";
      model.addFunctions(FunctionProto.newBuilder()
          .setName("f" + i).setDomain("own").addInput("x").addOutput("y")
          .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
          .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1))
          .addNode(node(callee, "t", "x").toBuilder().setDomain(domain)).addNode(node(callee, "y", "t").toBuilder().setDomain(domain)));
    }
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
    model.setIrVersion(Math.max(8, model.getIrVersion()));
    String x = graph.getInputCount() > 0 ? graph.getInput(0).getName() : "nowhere";
    graph.addNode(node("f0", "called", x).toBuilder().setDomain("own")).addOutput(ValueInfoProto.newBuilder().setName("called"));
  }

  /** Constants whose bytes lie where no model has any business: of the graph, of an attribute, of a branch. */
  void elsewhere() {
    TensorProto.Builder t = TensorProto.newBuilder().setName("elsewhere").setDataType(2).addDims(dice.oneOf(1L, 16L, 4096L, 1L << 33));
    t.setDataLocation(TensorProto.DataLocation.EXTERNAL).addExternalData(entry("location", dice.one(PLACES)));
    if (dice.chance(0.7)) t.addExternalData(entry("offset", dice.oneOf("0", "8", "-1", "x", "9223372036854775807", "140737488355328")));
    if (dice.chance(0.7)) t.addExternalData(entry("length", dice.oneOf("0", "16", "-1", "x", "9223372036854775807", "4096")));
    AttributeProto value = AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR).setT(t).build();
    NodeProto constant = NodeProto.newBuilder().setOpType("Constant").addOutput("elsewhere").addAttribute(value).build();
    switch (dice.below(3)) {
      case 0 -> graph.addInitializer(t).addNode(node("Identity", "seen", "elsewhere"));
      case 1 -> graph.addNode(constant).addNode(node("Identity", "seen", "elsewhere"));
      default -> {
        GraphProto.Builder body = GraphProto.newBuilder().setName("body").addInitializer(t).addNode(node("Identity", "inner", "elsewhere"));
        body.addOutput(ValueInfoProto.newBuilder().setName("inner"));
        graph.addInitializer(TensorProto.newBuilder().setName("condition").setDataType(9).setRawData(ByteString.copyFrom(new byte[] {1})));
        graph.addNode(node("If", "seen", "condition").toBuilder()
            .addAttribute(graphAttribute("then_branch", body)).addAttribute(graphAttribute("else_branch", body)));
      }
    }
    graph.addOutput(ValueInfoProto.newBuilder().setName("seen"));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
