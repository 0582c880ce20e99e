package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.ModelSketch;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several inferences in one call give what each gives by itself. */
class BatchKernelTest {
  private static final Map<String, Object> NONE = Map.of();
  private static final Map<String, Object> SAME = Map.of("pads", new long[] {1, 1, 1, 1});

  @TempDir Path directory;
  private final BufferPool pool = BufferPool.bounded(1 << 28, 1 << 26);
  private final Kernels kernels = Kernels.of(new KernelSettings(1, KernelSettings.Backend.ONNXRUNTIME, Duration.ZERO));

  @AfterEach
  void everythingWasGivenBack() {
    assertThat(pool.inUse()).isZero();
    kernels.close();
    pool.close();
  }

  private OperatorGraph load(Path model) {
    return OnnxImporter.load(model, Map.of(), directory.resolve("cache"));
  }

  private static Band whole(OperatorGraph graph) {
    List<Rows> outputs = graph.outputs().stream().map(t -> new Rows(t, graph.tensor(t).all())).toList();
    return Band.of(graph, IntStream.range(0, graph.stages().size()).boxed().toList(), outputs);
  }

  private List<TensorSlice> random(Band band, Random random) {
    List<TensorSlice> inputs = new ArrayList<>();
    for (Rows rows : band.inputs()) {
      Tensor t = band.graph().tensor(rows.tensor());
      TensorSlice slice = TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), rows.span());
      for (var floats = slice.data().asFloatBuffer(); floats.hasRemaining(); ) floats.put((float) random.nextGaussian());
      inputs.add(slice);
    }
    return inputs;
  }

  private void assertSameTogether(Band band, int count) {
    try (Kernel kernel = kernels.create(band); BatchKernel together = kernel.together()) {
      assertThat(kernel.group()).isPresent();
      Random random = new Random(count);
      List<List<TensorSlice>> inputs = new ArrayList<>();
      for (int i = 0; i < count; i++) inputs.add(random(band, random));
      List<List<TensorSlice>> made = together.run(inputs, pool);
      for (int i = 0; i < count; i++) {
        List<TensorSlice> alone = kernel.run(inputs.get(i), pool);
        for (int o = 0; o < alone.size(); o++) {
          float[] expected = floats(alone.get(o));
          float[] its = floats(made.get(i).get(o));
          float largest = 1e-6f;
          for (float f : expected) largest = Math.max(largest, Math.abs(f));
          for (int e = 0; e < expected.length; e++)
            assertThat(Math.abs(its[e] - expected[e])).isLessThanOrEqualTo(1e-5f * largest);
        }
        alone.forEach(TensorSlice::release);
        made.get(i).forEach(TensorSlice::release);
        inputs.get(i).forEach(TensorSlice::release);
      }
    }
  }

  private static float[] floats(TensorSlice slice) {
    float[] values = new float[slice.data().asFloatBuffer().remaining()];
    slice.data().asFloatBuffer().get(values);
    return values;
  }

  private ModelSketch classifier() {
    return new ModelSketch(13, 3).input("x", 1, 3, 16, 12).weights("v", 8, 3, 3, 3).weights("f", 8 * 8 * 6, 5)
        .reals("bias", 1, 2, 3, 4, 5).reals("small", 0.001f)
        .integers("flat", 1, 8 * 8 * 6)
        .node("Conv", List.of("x", "v"), List.of("a"), SAME).node("Relu", "a", "b", NONE)
        .node("MaxPool", "b", "p", Map.of("kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2}))
        .node("Reshape", List.of("p", "flat"), List.of("r"), NONE).node("Gemm", List.of("r", "f", "bias"), List.of("g"), NONE)
        .node("Mul", List.of("g", "small"), List.of("s"), NONE).node("Softmax", "s", "y", Map.of("axis", 1)).output("y");
  }

  @Test
  void aClassifierOfConvolutionsAndFullLayers() {
    OperatorGraph graph = load(classifier().write(directory));
    for (int count : new int[] {1, 2, 3, 8}) assertSameTogether(whole(graph), count);
  }

  @Test
  void aBandOfRowsInTheMiddle() {
    OperatorGraph graph = load(new ModelSketch(13, 3).input("x", 1, 3, 16, 12).weights("v", 8, 3, 3, 3)
        .node("Conv", List.of("x", "v"), List.of("y"), SAME).output("y").write(directory));
    Band band = Band.of(graph, List.of(0), List.of(new Rows(graph.outputs().get(0), new RowSpan(5, 9))));
    assertSameTogether(band, 4);
    Band others = Band.of(graph, List.of(0), List.of(new Rows(graph.outputs().get(0), new RowSpan(6, 10))));
    try (Kernel one = kernels.create(band); Kernel other = kernels.create(others)) {
      assertThat(one.group()).as("equal models, other rows").isNotEqualTo(other.group());
    }
  }

  @Test
  void whatWorksAcrossTheFirstDimensionIsComputedByItself() {
    List<ModelSketch> sketches = List.of(
        new ModelSketch(13, 1).input("x", 2, 3, 8, 8).node("Relu", "x", "y", NONE).output("y"),
        new ModelSketch(13, 1).input("x", 1, 3, 8, 8).node("Transpose", "x", "y", Map.of("perm", new long[] {1, 0, 2, 3})).output("y"),
        new ModelSketch(13, 1).input("x", 1, 6).integers("shape", 2, 3).node("Reshape", List.of("x", "shape"), List.of("y"), NONE).output("y"),
        new ModelSketch(13, 1).input("x", 1, 6).node("Softmax", "x", "y", Map.of("axis", 0)).output("y"));
    for (ModelSketch sketch : sketches) {
      OperatorGraph graph = load(sketch.write(directory));
      try (Kernel kernel = kernels.create(whole(graph))) {
        assertThat(kernel.group()).as(graph.operators().get(0).type()).isEmpty();
      }
    }
  }
}
