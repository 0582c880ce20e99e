package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row maps against ONNX Runtime: exact, and not one row too many. */
class ReceptiveFieldTest {
  private static final Map<String, Object> NONE = Map.of();

  @TempDir Path directory;

  private OperatorGraph load(Path model, boolean local) {
    OperatorGraph graph = OnnxImporter.load(model, Map.of(), directory.resolve("cache"));
    if (local) for (Operator o : graph.operators()) assertThat(o.local()).as("%s %s", o.type(), o.locality()).isTrue();
    return graph;
  }

  private void assertExact(ModelSketch sketch) {
    Path model = sketch.write(directory);
    OperatorGraph graph = load(model, true);
    new Perturbation(graph, model, 7).assertExactAndMinimal();
    graph.weights().close();
  }

  private static int[] spatial(Random random, int n, int low, int high) {
    return random.ints(n, low, high + 1).toArray();
  }

  private static long[] longs(int... values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  private static int[] shape(int batch, int channels, int... spatial) {
    int[] dims = new int[spatial.length + 2];
    dims[0] = batch;
    dims[1] = channels;
    System.arraycopy(spatial, 0, dims, 2, spatial.length);
    return dims;
  }

  /** Random windows over 1, 2 or 3 spatial axes; only height matters here, so it varies most. */
  private Map<String, Object> window(Random random, int n, int[] kernel, boolean dilated) {
    Map<String, Object> a = new HashMap<>();
    int[] dilation = dilated ? spatial(random, n, 1, 3) : new int[n];
    if (dilated) a.put("dilations", longs(dilation));
    a.put("strides", longs(spatial(random, n, 1, 3)));
    int padding = random.nextInt(4);
    if (padding == 0 && (!dilated || Arrays.stream(dilation).allMatch(d -> d == 1))) {
      a.put("auto_pad", random.nextBoolean() ? "SAME_UPPER" : "SAME_LOWER");
    } else if (padding > 1) {
      long[] pads = new long[2 * n];
      for (int d = 0; d < 2 * n; d++) pads[d] = random.nextInt(kernel[d % n]);
      a.put("pads", pads);
    }
    return a;
  }

  @Test
  void convolutionsOfEveryShapeSeeExactlyTheirWindows() {
    for (int seed = 0; seed < 80; seed++) {
      Random random = new Random(seed);
      int n = 1 + random.nextInt(3);
      int[] kernel = spatial(random, n, 1, n == 3 ? 2 : 4);
      int groups = 1 + random.nextInt(2);
      int[] in = spatial(random, n, 10, 13);
      if (n > 1) Arrays.fill(in, 1, n, 7);
      Map<String, Object> a = window(random, n, kernel, true);
      if (!fits(in, kernel, a) || crops(in, kernel, a)) continue;
      a.put("group", groups);
      assertExact(new ModelSketch(11, seed).input("x", shape(1, 2, in)).weights("w", shape(2, 2 / groups, kernel))
          .node("Conv", List.of("x", "w"), List.of("y"), a).output("y"));
    }
  }

  /** SAME padding that would have to crop more than one row is left to ONNX Runtime. */
  private static boolean crops(int[] in, int[] kernel, Map<String, Object> a) {
    if (!a.containsKey("auto_pad")) return false;
    long[] stride = (long[]) a.get("strides");
    for (int d = 0; d < in.length; d++) if ((in[d] - 1) / stride[d] * stride[d] + kernel[d] < in[d] - 1) return true;
    return false;
  }

  @Test
  void aPointwiseStrideWithSamePaddingIsLocal() {
    for (int rows : new int[] {8, 9})
      for (String auto : List.of("SAME_UPPER", "SAME_LOWER"))
        assertExact(new ModelSketch(11, 1).input("x", 1, 2, rows, rows).weights("w", 2, 2, 1, 1)
            .node("Conv", List.of("x", "w"), List.of("y"), Map.of("strides", longs(2, 2), "auto_pad", auto)).output("y"));
  }

  private static boolean fits(int[] in, int[] kernel, Map<String, Object> a) {
    long[] dilation = (long[]) a.getOrDefault("dilations", new long[] {1, 1, 1});
    for (int d = 0; d < in.length; d++) if ((kernel[d] - 1) * dilation[d] + 1 > in[d]) return false;
    return true;
  }

  @Test
  void poolsOfEveryShapeSeeExactlyTheirWindows() {
    for (int seed = 0; seed < 80; seed++) {
      Random random = new Random(1000 + seed);
      int n = 1 + random.nextInt(3);
      int[] kernel = spatial(random, n, 1, n == 3 ? 2 : 4);
      int[] in = spatial(random, n, 10, 13);
      if (n > 1) Arrays.fill(in, 1, n, 6);
      String type = new String[] {"MaxPool", "AveragePool", "LpPool"}[random.nextInt(3)];
      Map<String, Object> a = window(random, n, kernel, type.equals("MaxPool"));
      if (!fits(in, kernel, a) || crops(in, kernel, a)) continue;
      a.put("kernel_shape", longs(kernel));
      if (!type.equals("LpPool") && !a.containsKey("auto_pad")) a.put("ceil_mode", random.nextInt(2));
      if (type.equals("AveragePool") && !a.containsKey("ceil_mode")) a.put("count_include_pad", random.nextInt(2));
      if (startsBeyond(in, kernel, a)) continue;
      assertExact(new ModelSketch(12, seed).input("x", shape(1, 1, in)).node(type, "x", "y", a).output("y"));
    }
  }

  /** Whether rounding up adds a window without any input. */
  private static boolean startsBeyond(int[] in, int[] kernel, Map<String, Object> a) {
    if (!Integer.valueOf(1).equals(a.get("ceil_mode"))) return false;
    long[] stride = (long[]) a.get("strides");
    long[] dilation = (long[]) a.getOrDefault("dilations", new long[] {1, 1, 1});
    long[] pads = (long[]) a.getOrDefault("pads", new long[6]);
    for (int d = 0; d < in.length; d++) {
      long free = in[d] + pads[d] + pads[d + in.length] - (kernel[d] - 1) * dilation[d] - 1;
      if ((free + stride[d] - 1) / stride[d] * stride[d] >= in[d] + pads[d]) return true;
    }
    return false;
  }

  @Test
  void shapesThatOnnxRuntimeInfersWrongAreNotBelieved() {
    Map<String, Object> a = Map.of("kernel_shape", longs(1, 1), "strides", longs(3, 3), "ceil_mode", 1);
    OperatorGraph graph = load(new ModelSketch(12, 1).input("x", 1, 1, 6, 6)
        .node("AveragePool", "x", "p", a).node("Relu", "p", "y", NONE).output("y").write(directory), false);
    assertThat(graph.tensor(graph.outputs().get(0)).dynamic()).isTrue();
    assertThat(graph.stages()).hasSize(1);
  }

  @Test
  void transposedConvolutionsSeeExactlyTheRowsThatReachThem() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(2000 + seed);
      int n = 1 + random.nextInt(2);
      int[] kernel = spatial(random, n, 1, 4);
      int[] stride = spatial(random, n, 1, 3);
      Map<String, Object> a = new HashMap<>(Map.of("strides", longs(stride), "dilations", longs(spatial(random, n, 1, 2))));
      switch (random.nextInt(4)) {
        case 0 -> a.put("auto_pad", random.nextBoolean() ? "SAME_UPPER" : "SAME_LOWER");
        case 1 -> a.put("output_shape", longs(Arrays.stream(stride).map(s -> s * 5).toArray()));
        default -> {
          a.put("pads", longs(spatial(random, 2 * n, 0, 1)));
          a.put("output_padding", longs(Arrays.stream(stride).map(s -> random.nextInt(s)).toArray()));
        }
      }
      int[] in = spatial(random, n, 5, 5);
      assertExact(new ModelSketch(11, seed).input("x", shape(1, 2, in)).weights("w", shape(2, 2, kernel))
          .node("ConvTranspose", List.of("x", "w"), List.of("y"), a).output("y"));
    }
  }

  @Test
  void paddingCroppingAndSlicingPickExactlyTheirRows() {
    for (String mode : List.of("constant", "reflect", "edge", "wrap"))
      assertExact(new ModelSketch(19, 1).input("x", 1, 2, 7, 3).integers("p", 0, 0, 2, 1, 0, 0, 3, 0)
          .node("Pad", List.of("x", "p"), List.of("y"), Map.of("mode", mode)).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 2, 7, 3).integers("p", 0, 0, -2, 0, 0, 0, 3, 0)
        .node("Pad", List.of("x", "p"), List.of("y"), NONE).output("y"));
    for (long[] s : new long[][] {{1, 6, 1}, {0, 7, 2}, {-1, -8, -1}, {5, 0, -2}, {-3, 100, 1}})
      assertExact(new ModelSketch(13, 1).input("x", 1, 2, 7, 3).integers("from", s[0]).integers("to", s[1]).integers("axes",
          2).integers("steps", s[2])
          .node("Slice", List.of("x", "from", "to", "axes", "steps"), List.of("y"), NONE).output("y"));
    assertExact(new ModelSketch(9, 1).input("x", 1, 2, 7, 3)
        .node("Slice", "x", "y", Map.of("starts", longs(1, 2), "ends", longs(2, 5), "axes", longs(1, 2))).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 2, 7, 3).integers("i", 3, 0, -1)
        .node("Gather", List.of("x", "i"), List.of("y"), Map.of("axis", 2)).output("y"));
  }

  @Test
  void splitsBecomeSlicesWithRowsOfTheirOwn() {
    assertExact(new ModelSketch(13, 1).input("x", 1, 4, 7, 3).integers("sizes", 2, 5)
        .node("Split", List.of("x", "sizes"), List.of("a", "b"), Map.of("axis", 2)).output("a").output("b"));
    assertExact(new ModelSketch(11, 1).input("x", 1, 4, 7, 3)
        .node("Split", List.of("x"), List.of("a", "b"), Map.of("axis", -3)).output("a").output("b"));
  }

  @Test
  void joinedPartsKnowTheirPlace() {
    assertExact(new ModelSketch(13, 1).input("a", 1, 2, 4, 3).input("b", 1, 2, 3, 3).weights("c", 1, 2, 2, 3)
        .node("Concat", List.of("a", "c", "b"), List.of("y"), Map.of("axis", 2)).output("y"));
  }

  @Test
  void resizingSeesExactlyTheRowsWithWeight() {
    for (String coordinates : List.of("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"))
      for (String mode : List.of("nearest", "linear", "cubic"))
        for (float scale : new float[] {2, 1.5f, 0.5f, 0.6f, 2.7f})
          assertExact(new ModelSketch(19, 1).input("x", 1, 1, 8, 8).reals("scales", 1, 1, scale, scale)
              .node("Resize", List.of("x", "", "scales"), List.of("y"), Map.of("mode", mode, "coordinate_transformation_mode",
                  coordinates)).output("y"));
    for (String nearest : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"))
      for (long size : new long[] {4, 5, 13, 16})
        assertExact(new ModelSketch(13, 1).input("x", 1, 1, 8, 8).integers("sizes", 1, 1, size, 8)
            .node("Resize", List.of("x", "", "", "sizes"), List.of("y"), Map.of("mode", "nearest", "nearest_mode", nearest)).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 1, 8, 8).reals("roi", 0, 0, 0.2f, 0, 1, 1, 1.2f, 1).integers("sizes", 1, 1, 11, 8)
        .node("Resize", List.of("x", "roi", "", "sizes"), List.of("y"), Map.of("mode", "linear", "coordinate_transformation_mode",
            "tf_crop_and_resize"))
        .output("y"));
    assertExact(new ModelSketch(9, 1).input("x", 1, 1, 8, 8).reals("scales", 1, 1, 1.7f, 1.7f)
        .node("Upsample", List.of("x", "scales"), List.of("y"), Map.of("mode", "nearest")).output("y"));
  }

  @Test
  void spaceAndDepthTradePlacesByBlocks() {
    assertExact(new ModelSketch(13, 1).input("x", 1, 8, 5, 3).node("DepthToSpace", "x", "y", Map.of("blocksize", 2)).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 2, 6, 4).node("SpaceToDepth", "x", "y", Map.of("blocksize", 2)).output("y"));
  }

  @Test
  void reshapesFollowTheRows() {
    assertExact(new ModelSketch(13, 1).input("x", 1, 2, 6, 4).integers("s", 1, 2, 24)
        .node("Relu", "x", "r", NONE).node("Reshape", List.of("r", "s"), List.of("y"), NONE).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 6, 4).integers("s", 4, 6)
        .node("Reshape", List.of("x", "s"), List.of("y"), NONE).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 4, 6, 3).weights("w", 4, 4, 3, 3).integers("a", 1, 2, 2, 6, 3).integers("b", 1, 4,
        6, 3)
        .node("Reshape", List.of("x", "a"), List.of("r"), NONE).node("Transpose", "r", "t", Map.of("perm", longs(0, 2, 1, 3, 4)))
        .node("Reshape", List.of("t", "b"), List.of("s"), NONE)
        .node("Conv", List.of("s", "w"), List.of("y"), Map.of("pads", longs(1, 1, 1, 1))).output("y"));
  }

  @Test
  void chainsOfWindowsComposeToOneReceptiveField() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(3000 + seed);
      ModelSketch s = new ModelSketch(11, seed).input("x", 1, 1, 23, 5);
      String at = "x";
      for (int layer = 0; layer < 3; layer++) {
        int kernel = 1 + random.nextInt(3);
        s.weights("w" + layer, 1, 1, kernel, 3);
        long[] pads = longs(random.nextInt(kernel), 1, random.nextInt(kernel), 1);
        s.node("Conv", List.of(at, "w" + layer), List.of("c" + layer), Map.of("pads", pads, "strides", longs(1 + random.nextInt(2), 1)));
        s.node("LeakyRelu", "c" + layer, "r" + layer, Map.of("alpha", 0.3f));
        at = "r" + layer;
      }
      assertExact(s.output(at));
    }
  }

  @Test
  void operatorsThatWorkAlongOtherAxesKeepRowsApart() {
    assertExact(new ModelSketch(13, 1).input("x", 1, 3, 5, 4).node("Softmax", "x", "y", Map.of("axis", 1)).output("y"));
    assertExact(new ModelSketch(17, 1).input("x", 1, 5, 4).weights("s", 4).node("LayerNormalization", List.of("x", "s"), List.of("y"),
        NONE).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 3, 5, 4).node("LRN", "x", "y", Map.of("size", 3)).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 2, 3, 5, 4).node("ReduceMean", "x", "y", Map.of("axes", longs(1), "keepdims",
        0)).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 5, 4).weights("w", 4, 6).node("MatMul", List.of("x", "w"), List.of("y"),
        NONE).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 4, 5).weights("w", 4, 6).weights("b", 5, 1)
        .node("Gemm", List.of("x", "w", "b"), List.of("y"), Map.of("transA", 1)).output("y"));
    assertExact(new ModelSketch(13, 1).input("x", 1, 2, 5, 4).input("z", 2, 1, 4).weights("w", 5, 1)
        .node("Mul", List.of("x", "z"), List.of("p"), NONE).node("Add", List.of("p", "w"), List.of("y"), NONE).output("y"));
  }
}
