package dev.tilestream.graph.rules;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx;

/** Typed reading of a node's attributes. An attribute that is there with another type than asked for reads as its type's zero. */
public final class Attributes {
  private final Map<String, Onnx.AttributeProto> byName = new HashMap<>();

  private Attributes(Onnx.NodeProto node) {
    for (Onnx.AttributeProto a : node.getAttributeList()) byName.put(a.getName(), a);
  }

  public static Attributes of(Onnx.NodeProto node) {
    return new Attributes(node);
  }

  public boolean has(String name) {
    return byName.containsKey(name);
  }

  public long integer(String name, long otherwise) {
    return has(name) ? byName.get(name).getI() : otherwise;
  }

  public float real(String name, float otherwise) {
    return has(name) ? byName.get(name).getF() : otherwise;
  }

  public String text(String name, String otherwise) {
    return has(name) ? byName.get(name).getS().toStringUtf8() : otherwise;
  }

  /** Null when it is not there. */
  public long[] integers(String name) {
    return has(name) ? byName.get(name).getIntsList().stream().mapToLong(Long::longValue).toArray() : null;
  }

  /** Null when it is not there. */
  public float[] reals(String name) {
    if (!has(name)) return null;
    List<Float> list = byName.get(name).getFloatsList();
    float[] out = new float[list.size()];
    for (int i = 0; i < out.length; i++) out[i] = list.get(i);
    return out;
  }
}
