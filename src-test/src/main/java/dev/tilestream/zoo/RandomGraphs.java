package dev.tilestream.zoo;

import static dev.tilestream.zoo.Attributes.number;
import static dev.tilestream.zoo.Attributes.numbers;

import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.Sketch.Edge;
import dev.tilestream.zoo.Sketch.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Seeded random networks that ONNX Runtime accepts: the same seed gives the same bytes. */
public final class RandomGraphs {
  private static final Map<String, Step> GLOBALS = Map.of(
      "SqueezeExcite", RandomGraphs::squeezeExcite,
      "InstanceNormalization", RandomGraphs::instanceNorm,
      "SoftmaxOverRows", (s, x) -> x.as(s.node("Softmax", List.of(x.name()), number("axis", 2))),
      "ReduceRows", RandomGraphs::centred);
  private static final Map<String, Step> LOCALS = new TreeMap<>();

  static {
    LOCALS.putAll(RandomWindows.STEPS);
    LOCALS.putAll(RandomPointwise.STEPS);
    LOCALS.putAll(RandomShapes.STEPS);
  }

  /**
   * @param steps what it is made of, in order, to name a failure
   * @param model serialized ONNX
   */
  public record RandomGraph(long seed, List<String> steps, byte[] model) {
    @Override
    public String toString() {
      return "seed %d %s".formatted(seed, steps);
    }
  }

  private RandomGraphs() {}

  /** Names of all steps that local operators make up. */
  public static List<String> localSteps() {
    return List.copyOf(LOCALS.keySet());
  }

  /** Names of the steps that need a whole tensor. */
  public static List<String> globalSteps() {
    return GLOBALS.keySet().stream().sorted().toList();
  }

  /** Three to ten local steps, and one global one in every fourth graph, on one or two inputs. */
  public static RandomGraph of(long seed) {
    Sketch s = new Sketch(seed);
    Edge x = start(s);
    List<String> taken = new ArrayList<>();
    int steps = s.between(3, 10);
    int global = seed % 4 == 3 ? s.between(1, steps - 1) : -1;
    for (int i = 0; i < steps; i++) {
      List<String> names = i == global ? globalSteps() : s.chance(0.35) ? List.of("Conv", "MaxPool", "AveragePool") : localSteps();
      x = step(s, x, s.one(names), taken);
      // Branches: now and then go on from an earlier value.
      if (s.chance(0.15)) x = s.one(s.edges);
    }
    return finish(s, seed, x, taken);
  }

  /** One named step alone, between two convolutions of one by one that give its channels something to mix. */
  public static RandomGraph ofStep(String name, long seed) {
    Sketch s = new Sketch(seed);
    List<String> taken = new ArrayList<>();
    Edge x = start(s);
    for (int i = 0; i < 20 && taken.isEmpty(); i++) x = step(s, x, name, taken);
    return finish(s, seed, x, taken);
  }

  private static Edge start(Sketch s) {
    int spatial = s.oneOf(1, 2, 2, 2, 3);
    int most = spatial == 1 ? 40 : spatial == 2 ? 20 : 8;
    int[] extents = new int[spatial];
    for (int i = 0; i < spatial; i++) extents[i] = s.between(most / 3 + 2, most);
    int[] dims = Sketch.dims(s.chance(0.15) ? 2 : 1, s.oneOf(1, 2, 3, 4, 8), extents);
    Edge x = s.input("x", dims);
    return s.chance(0.2) ? x.as(s.node("Add", List.of(x.name(), s.input("y", dims).name()))) : x;
  }

  private static Edge step(Sketch s, Edge x, String name, List<String> taken) {
    Step step = LOCALS.containsKey(name) ? LOCALS.get(name) : GLOBALS.get(name);
    Edge y = x.rank() > 2 ? step.apply(s, x) : null;
    if (y == null) return x;
    taken.add(name);
    s.edges.add(y);
    return y;
  }

  /** The last value is an output, and now and then another one. */
  private static RandomGraph finish(Sketch s, long seed, Edge last, List<String> taken) {
    s.model.output(s.node("Mul", List.of(last.name(), s.model.scalar(0.5f))), DataType.FLOAT32, last.dims());
    Edge other = s.one(s.edges);
    if (s.chance(0.3)) s.model.output(s.node("Neg", List.of(other.name())), DataType.FLOAT32, other.dims());
    return new RandomGraph(seed, List.copyOf(taken), s.model.toBytes());
  }

  private static Edge squeezeExcite(Sketch s, Edge x) {
    String mean = s.node("GlobalAveragePool", List.of(x.name()));
    int[] ones = new int[x.rank() - 2];
    Arrays.fill(ones, 1);
    String weights = s.model.heWeights(Sketch.dims(x.channels(), x.channels(), ones));
    String gate = s.node("Sigmoid", List.of(s.node("Conv", List.of(mean, weights))));
    return x.as(s.node("Mul", List.of(x.name(), gate)));
  }

  private static Edge instanceNorm(Sketch s, Edge x) {
    return x.as(s.node("InstanceNormalization", List.of(x.name(), s.model.uniform(0.5, 1.5, x.channels()), s.model.uniform(-1, 1, x.channels()))));
  }

  private static Edge centred(Sketch s, Edge x) {
    return x.as(s.node("Sub", List.of(x.name(), s.node("ReduceMean", List.of(x.name()), numbers("axes", 2), number("keepdims", 1)))));
  }
}
