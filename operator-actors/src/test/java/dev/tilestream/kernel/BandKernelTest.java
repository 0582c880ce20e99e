package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.TestModels.Value;
import dev.tilestream.tensor.BufferPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bands joined equal the whole, operator by operator and network by network. */
class BandKernelTest {
  private static final Logger log = LoggerFactory.getLogger(BandKernelTest.class);
  private static final double RELATIVE = 1e-5;
  private static final int SPLITS = 6;

  @TempDir Path cache;
  private final List<String> wrong = new ArrayList<>();
  private int bands;

  @Test
  void tiledEqualsWholeForEveryOperatorOfTheTestData() throws Exception {
    try (OnnxRuntimeKernels kernels = new OnnxRuntimeKernels(1)) {
      for (Path model : TestModels.below("onnx-operators")) check(model, kernels, SPLITS, RELATIVE);
      assertThat(kernels.sessions()).isZero();
    }
    log.info("{} bands", bands);
    assertThat(wrong).isEmpty();
    assertThat(bands).isGreaterThan(2000);
  }

  @Test
  void tiledEqualsWholeForArchitecturesWithRandomWeights() throws Exception {
    try (OnnxRuntimeKernels kernels = new OnnxRuntimeKernels(1)) {
      for (Path model : TestModels.below("onnx-architectures")) {
        Path randomised = cache.resolve(model.getFileName());
        Files.write(randomised, TestModels.randomised(model, new Random(7)).toByteArray());
        check(randomised, kernels, SPLITS, 1e-4);
      }
      for (Path model : TestModels.below("models")) check(model, kernels, SPLITS, 1e-4);
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void nd4jEqualsOnnxRuntimeWhereItHasSteps() throws Exception {
    Set<String> backends = new HashSet<>();
    KernelSettings settings = new KernelSettings(1, KernelSettings.Backend.ND4J, Duration.ZERO);
    try (Kernels kernels = Kernels.of(settings)) {
      Kernels noting = new Noting(kernels, backends);
      for (Path model : TestModels.below("onnx-operators")) check(model, noting, 2, RELATIVE);
      for (Path model : TestModels.below("onnx-architectures")) {
        Path randomised = cache.resolve(model.getFileName());
        Files.write(randomised, TestModels.randomised(model, new Random(7)).toByteArray());
        check(randomised, noting, 2, 1e-4);
      }
      for (Path model : TestModels.below("models")) check(model, noting, 2, 1e-4);
    }
    assertThat(wrong).isEmpty();
    assertThat(backends).contains("nd4j");
  }

  /** Keeps what backends came out. */
  private record Noting(Kernels kernels, Set<String> backends) implements Kernels {
    @Override
    public Kernel create(dev.tilestream.graph.Band band) {
      Kernel kernel = kernels.create(band);
      backends.add(kernel.backend());
      return kernel;
    }

    @Override
    public void close() {}
  }

  /** Tolerance relative to the largest value of an output. */
  private void check(Path model, Kernels kernels, int splits, double tolerance) throws Exception {
    String name = model.getParent().getFileName() + "/" + model.getFileName();
    OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
    try (BufferPool pool = BufferPool.bounded(1L << 31, 1L << 28); Reference reference = new Reference(model)) {
      List<Value> inputs = TestModels.vectors(model, graph);
      if (inputs == null) inputs = TestModels.random(graph, new Random(11));
      List<Value> expected = reference.run(graph.inputs().stream().map(t -> graph.tensor(t).name()).toList(), inputs);
      for (int seed = -1; seed < splits; seed++) {
        Tiling tiling = new Tiling(graph, kernels, pool);
        try {
          List<Value> made = seed < 0 ? tiling.whole(inputs) : tiling.tiled(inputs, new Random(seed));
          compare(name + " seed " + seed, graph, made, expected, tolerance);
        } catch (RuntimeException e) {
          wrong.add(name + " seed " + seed + ": " + e);
        }
        bands += tiling.bands();
        if (pool.inUse() != 0) wrong.add(name + ": " + pool.inUse() + " bytes not released");
      }
    } finally {
      graph.weights().close();
    }
  }

  private void compare(String name, OperatorGraph graph, List<Value> made, List<Value> expected, double tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      Tensor tensor = graph.tensor(graph.outputs().get(i));
      if (!made.get(i).shape().equals(expected.get(i).shape())) {
        wrong.add("%s: %s has shape %s (expected: %s)".formatted(name, tensor.name(), made.get(i).shape(), expected.get(i).shape()));
        continue;
      }
      double deviation = deviation(made.get(i).numbers(), expected.get(i).numbers());
      if (!(deviation <= tolerance)) wrong.add("%s: %s deviates by %s".formatted(name, tensor.name(), deviation));
    }
  }

  /** Largest difference relative to the largest value; equal infinities and NaNs are no difference. */
  private static double deviation(double[] a, double[] b) {
    double largest = 1e-30;
    for (double x : b) if (Double.isFinite(x)) largest = Math.max(largest, Math.abs(x));
    double worst = 0;
    for (int i = 0; i < a.length; i++) {
      if (a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i])) continue;
      double d = Math.abs(a[i] - b[i]) / largest;
      worst = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(worst, d);
    }
    return worst;
  }
}
