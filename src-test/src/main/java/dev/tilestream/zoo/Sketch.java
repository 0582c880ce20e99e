package dev.tilestream.zoo;

import dev.tilestream.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import onnx.Onnx.AttributeProto;

/** A random graph under construction: the model so far, every value with its shape, and the dice. */
final class Sketch {
  /** Keeps one graph's work to milliseconds. */
  private static final long MOST_ELEMENTS = 20_000;

  /** A float32 value [batch, channels, spatial...]. */
  record Edge(String name, int... dims) {
    int rank() {
      return dims.length;
    }

    int channels() {
      return dims[1];
    }

    int[] spatial() {
      return Arrays.copyOfRange(dims, 2, dims.length);
    }

    Edge as(String value) {
      return new Edge(value, dims);
    }
  }

  /** One way to go on from a value; null when it does not apply to this one. */
  @FunctionalInterface
  interface Step {
    Edge apply(Sketch sketch, Edge x);
  }

  final OnnxModelBuilder model;
  final SplittableRandom random;
  final List<Edge> edges = new ArrayList<>();

  Sketch(long seed) {
    model = new OnnxModelBuilder("random-" + seed, seed).opset(17);
    random = new SplittableRandom(seed);
  }

  Edge input(String name, int... dims) {
    model.input(name, DataType.FLOAT32, dims);
    Edge edge = new Edge(name, dims);
    edges.add(edge);
    return edge;
  }

  /** In [low, high]. */
  int between(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  @SafeVarargs
  final <T> T oneOf(T... of) {
    return of[random.nextInt(of.length)];
  }

  String node(String type, List<String> inputs, AttributeProto... attributes) {
    return model.node(type, inputs, attributes);
  }

  /** Whether a tensor of these dims may stand in a random graph: nothing vanishes, nothing explodes. */
  static boolean fits(int... dims) {
    long elements = 1;
    for (int d : dims) {
      if (d < 1) return false;
      elements *= d;
    }
    return elements <= MOST_ELEMENTS;
  }

  static int[] with(int[] dims, int axis, int extent) {
    int[] d = dims.clone();
    d[axis] = extent;
    return d;
  }

  /** [batch, channels, spatial...]. */
  static int[] dims(int batch, int channels, int[] spatial) {
    int[] d = new int[spatial.length + 2];
    d[0] = batch;
    d[1] = channels;
    System.arraycopy(spatial, 0, d, 2, spatial.length);
    return d;
  }
}
