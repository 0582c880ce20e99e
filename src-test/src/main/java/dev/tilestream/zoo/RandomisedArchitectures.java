package dev.tilestream.zoo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.protobuf.ByteString;

/**
 * Whole networks of the ONNX project. As published, ConstantOfShape makes their weights, so that every class gets the same answer
 * whatever comes in; here seeded random weights stand in their place.
 */
public final class RandomisedArchitectures {
  private RandomisedArchitectures() {}

  /** The published files, by name. */
  public static List<Path> published() {
    try (Stream<Path> files = Files.list(SharedData.path("onnx-architectures"))) {
      return files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The model with every ConstantOfShape that makes floats replaced by an initializer: weights by He's rule, variances and scales
   * about 1, the rest small. A softmax becomes an identity.
   */
  public static ModelProto randomised(Path published, long seed) {
    ModelProto model;
    try (InputStream in = Files.newInputStream(published)) {
      model = ModelProto.parseFrom(in);
    } catch (IOException e) {
      throw new UncheckedIOException(published.toString(), e);
    }
    GraphProto graph = model.getGraph();
    Map<String, long[]> shapes = shapes(graph);
    Set<String> factors = factors(graph);
    GraphProto.Builder changed = graph.toBuilder().clearNode().clearInitializer();
    Set<String> read = new HashSet<>();
    SplittableRandom seeds = new SplittableRandom(seed);
    for (NodeProto node : graph.getNodeList()) {
      long[] dims = node.getOpType().equals("ConstantOfShape") ? shapes.get(node.getInput(0)) : null;
      if (node.getOpType().equals("Softmax")) {
        // Random logits spread wide: a softmax would answer 1 for one class and 0 for the rest, and hide every error.
        changed.addNode(node.toBuilder().setOpType("Identity").clearAttribute());
        read.addAll(node.getInputList());
      } else if (dims == null || !makesFloats(node)) {
        changed.addNode(node);
        read.addAll(node.getInputList());
      }
      else changed.addInitializer(weights(node.getOutput(0), dims, factors.contains(node.getOutput(0)), seeds.nextLong()));
    }
    for (TensorProto t : graph.getInitializerList()) if (read.contains(t.getName())) changed.addInitializer(t);
    return model.toBuilder().setGraph(changed).build();
  }

  private static Map<String, long[]> shapes(GraphProto graph) {
    Map<String, long[]> shapes = new HashMap<>();
    for (TensorProto t : graph.getInitializerList())
      if (t.getDataType() == TensorProto.DataType.INT64_VALUE) shapes.put(t.getName(), longs(t));
    for (NodeProto n : graph.getNodeList())
      if (n.getOpType().equals("Constant") && n.getAttribute(0).getT().getDataType() == TensorProto.DataType.INT64_VALUE)
        shapes.put(n.getOutput(0), longs(n.getAttribute(0).getT()));
    return shapes;
  }

  private static long[] longs(TensorProto t) {
    Value value = TestVector.value(t);
    long[] longs = new long[(int) value.shape().elements()];
    value.data().asLongBuffer().get(longs);
    return longs;
  }

  /** Constants that must stay about 1 or the signal dies: batch normalisation's scale and variance, and factors of a multiplication. */
  private static Set<String> factors(GraphProto graph) {
    Map<String, String> reshaped = new HashMap<>();
    Set<String> factors = new HashSet<>();
    for (NodeProto n : graph.getNodeList()) {
      switch (n.getOpType()) {
        case "Unsqueeze", "Reshape" -> reshaped.put(n.getOutput(0), n.getInput(0));
        case "BatchNormalization" -> factors.addAll(List.of(n.getInput(1), n.getInput(4)));
        case "Mul" -> n.getInputList().forEach(i -> factors.add(reshaped.getOrDefault(i, i)));
        default -> { }
      }
    }
    return factors;
  }

  private static boolean makesFloats(NodeProto node) {
    return node.getAttributeCount() == 0 || node.getAttribute(0).getT().getDataType() == TensorProto.DataType.FLOAT_VALUE;
  }

  private static TensorProto weights(String name, long[] dims, boolean factor, long seed) {
    long elements = 1;
    long fanIn = 1;
    for (int i = 0; i < dims.length; i++) {
      elements *= dims[i];
      if (i > 0) fanIn *= dims[i];
    }
    double bound = dims.length > 1 ? Math.sqrt(6.0 / fanIn) : 0.1;
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer raw = ByteBuffer.allocate(Math.toIntExact(elements * Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < elements; i++) raw.putFloat((float) (factor ? random.nextDouble(0.7, 1.3) : random.nextDouble(-bound, bound)));
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE).setRawData(ByteString.copyFrom(raw.flip()));
    for (long d : dims) t.addDims(d);
    return t.build();
  }
}
