package dev.tilestream.graph.onnx;

import java.util.HashMap;
import java.util.Map;
import onnx.Onnx;

/**
 * Writes every Split as Slices, one per part, so that all outputs of an operator have the same rows whatever the split axis turns out to
 * be. Parts are taken from the shapes, which makes all forms of Split (attribute, input, count) alike.
 */
final class SplitRewrite {
  /** From this opset on, Slice takes its bounds as inputs. */
  private static final int BOUNDS_AS_INPUTS = 10;

  private SplitRewrite() {}

  static Onnx.ModelProto of(Onnx.ModelProto model) {
    Onnx.GraphProto graph = model.getGraph();
    Map<String, ModelSignature.Port> known = new HashMap<>();
    for (Onnx.ValueInfoProto v : graph.getValueInfoList()) known.put(v.getName(), ModelSignature.port(v));
    for (Onnx.ValueInfoProto v : graph.getOutputList()) known.put(v.getName(), ModelSignature.port(v));
    Onnx.GraphProto.Builder out = graph.toBuilder().clearNode();
    for (Onnx.NodeProto n : graph.getNodeList()) {
      if (n.getOpType().equals("Split") && n.getDomain().isEmpty() && allKnown(n, known)) slices(n, known, opset(model), out);
      else out.addNode(n);
    }
    return model.toBuilder().setGraph(out).build();
  }

  private static boolean allKnown(Onnx.NodeProto node, Map<String, ModelSignature.Port> known) {
    return node.getOutputList().stream().allMatch(o -> known.containsKey(o) && known.get(o).fixed() && known.get(o).type() != null);
  }

  private static long opset(Onnx.ModelProto model) {
    for (Onnx.OperatorSetIdProto o : model.getOpsetImportList())
      if (o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx")) return o.getVersion();
    return 1;
  }

  private static void slices(Onnx.NodeProto split, Map<String, ModelSignature.Port> known, long opset, Onnx.GraphProto.Builder out) {
    long axis = 0;
    for (Onnx.AttributeProto a : split.getAttributeList()) if (a.getName().equals("axis")) axis = a.getI();
    if (axis < 0) axis += known.get(split.getOutput(0)).dims().size();
    long from = 0;
    for (String part : split.getOutputList()) {
      long to = from + known.get(part).dims().get((int) axis);
      Onnx.NodeProto.Builder slice = Onnx.NodeProto.newBuilder()
          .setOpType("Slice").setName(part + "/slice").addInput(split.getInput(0)).addOutput(part);
      if (opset >= BOUNDS_AS_INPUTS) {
        slice.addInput(bound(out, part + "/from", from)).addInput(bound(out, part + "/to", to)).addInput(bound(out, part + "/axis", axis));
      } else {
        slice.addAttribute(attribute("starts", from)).addAttribute(attribute("ends", to)).addAttribute(attribute("axes", axis));
      }
      out.addNode(slice);
      from = to;
    }
  }

  private static String bound(Onnx.GraphProto.Builder graph, String name, long value) {
    graph.addInitializer(Onnx.TensorProto.newBuilder()
        .setName(name).setDataType(Onnx.TensorProto.DataType.INT64_VALUE).addDims(1).addInt64Data(value));
    return name;
  }

  private static Onnx.AttributeProto attribute(String name, long value) {
    return Onnx.AttributeProto.newBuilder().setName(name).setType(Onnx.AttributeProto.AttributeType.INTS).addInts(value).build();
  }
}
