package dev.tilestream.kernel;

import java.nio.charset.StandardCharsets;
import onnx.Onnx;
import org.nd4j.shade.protobuf.ByteString;

/** Changes attributes of an ONNX node by name. */
final class NodeAttributes {
  private NodeAttributes() {}

  /** Replaces or adds an attribute that holds a list of integers. */
  static void put(Onnx.NodeProto.Builder node, String name, long... values) {
    Onnx.AttributeProto.Builder attribute = fresh(node, name, Onnx.AttributeProto.AttributeType.INTS);
    for (long v : values) attribute.addInts(v);
    node.addAttribute(attribute);
  }

  /** Replaces or adds an attribute that holds one integer. */
  static void putInteger(Onnx.NodeProto.Builder node, String name, long value) {
    node.addAttribute(fresh(node, name, Onnx.AttributeProto.AttributeType.INT).setI(value));
  }

  /** Replaces or adds an attribute that holds one number. */
  static void putReal(Onnx.NodeProto.Builder node, String name, float value) {
    node.addAttribute(fresh(node, name, Onnx.AttributeProto.AttributeType.FLOAT).setF(value));
  }

  /** Replaces or adds an attribute that holds a list of numbers. */
  static void putReals(Onnx.NodeProto.Builder node, String name, float... values) {
    Onnx.AttributeProto.Builder attribute = fresh(node, name, Onnx.AttributeProto.AttributeType.FLOATS);
    for (float v : values) attribute.addFloats(v);
    node.addAttribute(attribute);
  }

  /** Replaces or adds an attribute that holds a word. */
  static void putText(Onnx.NodeProto.Builder node, String name, String value) {
    node.addAttribute(fresh(node, name, Onnx.AttributeProto.AttributeType.STRING).setS(ByteString.copyFrom(value, StandardCharsets.UTF_8)));
  }

  private static Onnx.AttributeProto.Builder fresh(Onnx.NodeProto.Builder node, String name, Onnx.AttributeProto.AttributeType type) {
    drop(node, name);
    return Onnx.AttributeProto.newBuilder().setName(name).setType(type);
  }

  static void drop(Onnx.NodeProto.Builder node, String name) {
    for (int i = node.getAttributeCount() - 1; i >= 0; i--) if (node.getAttribute(i).getName().equals(name)) node.removeAttribute(i);
  }
}
