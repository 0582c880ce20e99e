package dev.tilestream.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import onnx.Onnx;
import org.nd4j.shade.protobuf.ByteString;

/** Attributes of an ONNX node by name; ONNX's default comes from the caller. */
final class NodeAttributes {
  private final Onnx.NodeProtoOrBuilder node;

  private NodeAttributes(Onnx.NodeProtoOrBuilder node) {
    this.node = node;
  }

  static NodeAttributes of(Onnx.NodeProtoOrBuilder node) {
    return new NodeAttributes(node);
  }

  private Optional<Onnx.AttributeProto> find(String name) {
    return node.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
  }

  boolean has(String name) {
    return find(name).isPresent();
  }

  long integer(String name, long otherwise) {
    return find(name).map(Onnx.AttributeProto::getI).orElse(otherwise);
  }

  float real(String name, float otherwise) {
    return find(name).map(Onnx.AttributeProto::getF).orElse(otherwise);
  }

  String text(String name, String otherwise) {
    return find(name).map(a -> a.getS().toStringUtf8()).orElse(otherwise);
  }

  Optional<long[]> integers(String name) {
    return find(name).map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray());
  }

  Optional<float[]> reals(String name) {
    return find(name).map(a -> {
      float[] values = new float[a.getFloatsCount()];
      for (int i = 0; i < values.length; i++) values[i] = a.getFloats(i);
      return values;
    });
  }

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
