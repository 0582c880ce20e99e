package dev.tilestream.kernel;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx;

/** The few ONNX nodes that bands need beyond those of the model, in the form of the model's own operator set. */
final class Nodes {
  /** Since this operator set, Slice takes its bounds as inputs. */
  private static final int SLICE_INPUTS = 10;
  /** Since this operator set, Pad takes its amounts as inputs. */
  private static final int PAD_INPUTS = 11;

  private Nodes() {}

  static Onnx.NodeProto.Builder node(String type, List<String> inputs, String output) {
    return Onnx.NodeProto.newBuilder().setOpType(type).addAllInput(inputs).addOutput(output);
  }

  static String slice(BandWriter w, String from, int axis, int start, int end, String to) {
    return slice(w, from, new long[] {axis}, new long[] {start}, new long[] {end}, new long[] {1}, to);
  }

  /** Bounds and steps as ONNX's Slice has them; before operator set 10 every step must be 1. */
  static String slice(BandWriter w, String from, long[] axes, long[] starts, long[] ends, long[] steps, String to) {
    if (w.opset() >= SLICE_INPUTS) {
      boolean stepped = Arrays.stream(steps).anyMatch(s -> s != 1);
      Onnx.NodeProto.Builder node = node("Slice", List.of(from, w.integers(starts), w.integers(ends), w.integers(axes)), to);
      w.add(stepped ? node.addInput(w.integers(steps)) : node);
      return to;
    }
    Onnx.NodeProto.Builder node = node("Slice", List.of(from), to);
    NodeAttributes.put(node, "axes", axes);
    NodeAttributes.put(node, "starts", starts);
    NodeAttributes.put(node, "ends", ends);
    w.add(node);
    return to;
  }

  static String gather(BandWriter w, String from, int axis, long[] indices, String to) {
    Onnx.NodeProto.Builder node = node("Gather", List.of(from, w.integers(indices)), to);
    NodeAttributes.putInteger(node, "axis", axis);
    w.add(node);
    return to;
  }

  static String concat(BandWriter w, List<String> parts, int axis, String to) {
    Onnx.NodeProto.Builder node = node("Concat", parts, to);
    NodeAttributes.putInteger(node, "axis", axis);
    w.add(node);
    return to;
  }

  static String cast(BandWriter w, String from, DataType type, String to) {
    Onnx.NodeProto.Builder node = node("Cast", List.of(from), to);
    NodeAttributes.putInteger(node, "to", type.code());
    w.add(node);
    return to;
  }

  static String identity(BandWriter w, String from, String to) {
    w.add(node("Identity", List.of(from), to));
    return to;
  }

  /** Zeros, or {@code number} where the type has it, around {@code from}. {@code value}: name of a scalar of its type, or null. */
  static String pad(BandWriter w, String from, String mode, long[] pads, String value, float number, String to) {
    Onnx.NodeProto.Builder node = node("Pad", List.of(from), to);
    NodeAttributes.putText(node, "mode", mode);
    if (w.opset() >= PAD_INPUTS) {
      node.addInput(w.integers(pads));
      if (value != null) node.addInput(value);
    } else {
      NodeAttributes.put(node, "pads", pads);
      if (number != 0) NodeAttributes.putReal(node, "value", number);
    }
    w.add(node);
    return to;
  }

  /** A constant of {@code shape} filled with one element, given by its little-endian bytes. */
  static String filled(BandWriter w, DataType type, Shape shape, byte[] element) {
    byte[] all = new byte[Math.toIntExact(shape.bytes(type))];
    for (int i = 0; i < all.length; i++) all[i] = element[i % element.length];
    return w.raw(type, shape, all);
  }
}
