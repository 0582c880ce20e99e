package dev.tilestream.zoo;

import static dev.tilestream.zoo.Attributes.number;
import static dev.tilestream.zoo.Attributes.numbers;
import static dev.tilestream.zoo.Attributes.real;

import dev.tilestream.zoo.Sketch.Edge;
import dev.tilestream.zoo.Sketch.Step;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators whose rows are independent: element-wise ones with every kind of broadcasting, and normalisation over channels. */
final class RandomPointwise {
  static final Map<String, Step> STEPS = Map.ofEntries(
      Map.entry("Unary", RandomPointwise::unary),
      Map.entry("Binary", RandomPointwise::binary),
      Map.entry("Residual", RandomPointwise::residual),
      Map.entry("Clip", (s, x) -> x.as(s.node("Clip", List.of(x.name(), s.model.scalar(-0.5f), s.model.scalar(0.7f))))),
      Map.entry("PRelu", (s, x) -> x.as(s.node("PRelu", List.of(x.name(), s.model.uniform(0, 0.5, slope(s, x)))))),
      Map.entry("BatchNormalization", RandomPointwise::batchNorm),
      Map.entry("LRN", (s, x) -> x.rank() == 4 ? x.as(s.node("LRN", List.of(x.name()), number("size", s.oneOf(1, 3, 5)), real("alpha", 0.2))) : null),
      Map.entry("Softmax", RandomPointwise::softmax),
      Map.entry("LayerNormalization", RandomPointwise::layerNorm),
      Map.entry("ReduceMean", RandomPointwise::reduceChannels),
      Map.entry("MatMul", RandomPointwise::matMul),
      Map.entry("Where", RandomPointwise::where),
      Map.entry("Cast", RandomPointwise::quantized));

  private RandomPointwise() {}

  private static Edge unary(Sketch s, Edge x) {
    String type = s.oneOf("Relu", "Sigmoid", "Tanh", "LeakyRelu", "Elu", "HardSigmoid", "HardSwish", "Softplus", "Softsign", "Abs",
        "Neg", "Erf", "Sin", "Exp");
    // Exponentials of deep random networks overflow; bound what goes in.
    String in = type.equals("Exp") ? s.node("Tanh", List.of(x.name())) : x.name();
    return x.as(s.node(type, List.of(in)));
  }

  private static Edge binary(Sketch s, Edge x) {
    String type = s.oneOf("Add", "Sub", "Mul", "Div", "Max", "Min");
    String constant = s.model.uniform(0.5, 2, broadcast(s, x));
    return x.as(s.node(type, s.chance(0.5) ? List.of(x.name(), constant) : swapped(s, x, type, constant)));
  }

  private static List<String> swapped(Sketch s, Edge x, String type, String constant) {
    // Dividing by a random network's value would make an arbitrary number of infinities.
    String safe = type.equals("Div") ? s.node("Exp", List.of(s.node("Tanh", List.of(x.name())))) : x.name();
    return List.of(constant, safe);
  }

  /** Dims that broadcast to {@code x}'s: any of them 1, leading ones left out. Includes constants that vary along the rows. */
  private static int[] broadcast(Sketch s, Edge x) {
    int[] dims = x.dims().clone();
    for (int i = 0; i < dims.length; i++) if (s.chance(0.4)) dims[i] = 1;
    return Arrays.copyOfRange(dims, s.between(0, dims.length - 1), dims.length);
  }

  private static int[] slope(Sketch s, Edge x) {
    int[] dims = new int[x.rank() - 1];
    Arrays.fill(dims, 1);
    dims[0] = s.chance(0.7) ? x.channels() : 1;
    return dims;
  }

  /** Adds an earlier value of the same shape, or one with a single channel or row that is broadcast. */
  private static Edge residual(Sketch s, Edge x) {
    List<Edge> same = s.edges.stream().filter(e -> Arrays.equals(e.dims(), x.dims()) && !e.name().equals(x.name())).toList();
    Edge other = same.isEmpty() ? unary(s, x) : s.one(same);
    return x.as(s.node(s.oneOf("Add", "Mul", "Sub", "Max"), List.of(x.name(), other.name())));
  }

  private static Edge batchNorm(Sketch s, Edge x) {
    int c = x.channels();
    return x.as(s.node(
        "BatchNormalization",
        List.of(x.name(), s.model.uniform(0.5, 1.5, c), s.model.uniform(-1, 1, c), s.model.uniform(-1, 1, c), s.model.uniform(0.5, 1.5, c))));
  }

  private static Edge softmax(Sketch s, Edge x) {
    int axis = s.oneOf(1, x.rank() - 1);
    return x.dims()[axis] < 2 ? null : x.as(s.node(s.oneOf("Softmax", "LogSoftmax"), List.of(x.name()), number("axis", axis)));
  }

  private static Edge layerNorm(Sketch s, Edge x) {
    int last = x.dims()[x.rank() - 1];
    if (last < 2) return null;
    return x.as(s.node(
        "LayerNormalization", List.of(x.name(), s.model.uniform(0.5, 1.5, last), s.model.uniform(-1, 1, last)), number("axis", -1), real("epsilon", 1e-2)));
  }

  private static Edge reduceChannels(Sketch s, Edge x) {
    String y = s.node(s.oneOf("ReduceMean", "ReduceMax", "ReduceL2"), List.of(x.name()), numbers("axes", 1), number("keepdims", 1));
    return new Edge(y, Sketch.with(x.dims(), 1, 1));
  }

  private static Edge matMul(Sketch s, Edge x) {
    int last = x.dims()[x.rank() - 1];
    int out = s.between(1, 8);
    if (x.rank() < 4) return null;
    return new Edge(s.node("MatMul", List.of(x.name(), s.model.heWeights(last, out))), Sketch.with(x.dims(), x.rank() - 1, out));
  }

  private static Edge where(Sketch s, Edge x) {
    String condition = s.node("Greater", List.of(x.name(), s.model.uniform(-0.5, 0.5, broadcast(s, x))));
    return x.as(s.node("Where", List.of(condition, x.name(), s.model.uniform(-1, 1, broadcast(s, x)))));
  }

  /** Through int32 and back: what crosses a cut need not be float. */
  private static Edge quantized(Sketch s, Edge x) {
    String wide = s.node("Mul", List.of(s.node("Tanh", List.of(x.name())), s.model.scalar(100)));
    String whole = s.node("Cast", List.of(wide), number("to", s.oneOf(6, 7, 3)));
    return x.as(s.node("Mul", List.of(s.node("Cast", List.of(whole), number("to", 1)), s.model.scalar(0.01f))));
  }
}
