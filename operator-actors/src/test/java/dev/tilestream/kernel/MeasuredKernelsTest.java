package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Choosing and sharing kernels. */
class MeasuredKernelsTest {
  private static final KernelSettings AUTO = new KernelSettings(1, KernelSettings.Backend.AUTO, Duration.ofMillis(5));

  @TempDir Path cache;
  private OperatorGraph graph;

  @BeforeEach
  void load() {
    graph = OnnxImporter.load(TestModels.root().resolve("models/ultraface-rfb-320.onnx"), Map.of(), cache);
  }

  @AfterEach
  void unload() {
    if (graph != null) graph.weights().close();
  }

  @Test
  void whateverIsChosenMakesTheSameRows() {
    KernelSettings nd4j = new KernelSettings(1, KernelSettings.Backend.ND4J, Duration.ZERO);
    KernelSettings onnx = new KernelSettings(1, KernelSettings.Backend.ONNXRUNTIME, Duration.ZERO);
    Band band = firstStage(new RowSpan(10, 60));
    float[] expected = run(onnx, band);
    assertThat(run(AUTO, band)).containsExactly(expected, org.assertj.core.api.Assertions.offset(1e-5f));
    assertThat(run(nd4j, band)).containsExactly(expected, org.assertj.core.api.Assertions.offset(1e-5f));
  }

  @Test
  void bandsThatDifferOnlyInPositionShareOneSession() {
    try (OnnxRuntimeKernels kernels = new OnnxRuntimeKernels(1)) {
      Kernel a = kernels.create(firstStage(new RowSpan(10, 30)));
      Kernel b = kernels.create(firstStage(new RowSpan(40, 60)));
      assertThat(kernels.sessions()).isEqualTo(1);
      Kernel border = kernels.create(firstStage(new RowSpan(0, 20)));
      assertThat(kernels.sessions()).isEqualTo(2);
      a.close();
      a.close();
      assertThat(kernels.sessions()).isEqualTo(2);
      b.close();
      border.close();
      assertThat(kernels.sessions()).isZero();
    }
  }

  @Test
  void failedRunReleasesWhatItTook() {
    Band band = firstStage(new RowSpan(10, 60));
    try (Kernels kernels = Kernels.of(AUTO); Kernel kernel = kernels.create(band); BufferPool pool = BufferPool.bounded(1 << 20, 0)) {
      List<TensorSlice> inputs = inputs(band, pool);
      BufferPool full = BufferPool.bounded(0, 0);
      assertThatThrownBy(() -> kernel.run(inputs, full)).isInstanceOf(BufferPool.Exhausted.class);
      assertThat(full.inUse()).isZero();
      inputs.forEach(TensorSlice::release);
      assertThat(pool.inUse()).isZero();
    }
  }

  @Test
  void inputsOfOtherRowsAreRefused() {
    Band band = firstStage(new RowSpan(10, 60));
    Band other = firstStage(new RowSpan(11, 61));
    try (Kernels kernels = Kernels.of(AUTO); Kernel kernel = kernels.create(band); BufferPool pool = BufferPool.bounded(1 << 24, 0)) {
      List<TensorSlice> inputs = inputs(other, pool);
      assertThatThrownBy(() -> kernel.run(inputs, pool))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: tensor");
      inputs.forEach(TensorSlice::release);
    }
  }

  @Test
  void settingsComeFromTheReferenceConfiguration() {
    KernelSettings settings = KernelSettings.from(ConfigFactory.load());
    assertThat(settings.threads()).isPositive();
    assertThat(settings.backend()).isEqualTo(KernelSettings.Backend.AUTO);
    var other = ConfigFactory.parseString("tilestream.kernel.backend = tpu").withFallback(ConfigFactory.load());
    assertThatThrownBy(() -> KernelSettings.from(other))
        .hasMessageContaining("expected: one of auto, nd4j, onnxruntime");
  }

  private Band firstStage(RowSpan rows) {
    Stage stage = graph.stage(0);
    return Band.of(graph, List.of(0), List.of(new Rows(stage.outputs().get(0), rows)));
  }

  private static List<TensorSlice> inputs(Band band, BufferPool pool) {
    Random random = new Random(3);
    List<TensorSlice> inputs = new ArrayList<>();
    for (Rows r : band.inputs()) {
      var t = band.graph().tensor(r.tensor());
      TensorSlice slice = TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), r.span());
      for (var bytes = slice.data(); bytes.hasRemaining(); ) bytes.putFloat((float) random.nextGaussian());
      inputs.add(slice);
    }
    return inputs;
  }

  private static float[] run(KernelSettings settings, Band band) {
    try (Kernels kernels = Kernels.of(settings); Kernel kernel = kernels.create(band); BufferPool pool = BufferPool.bounded(1 << 26, 0)) {
      List<TensorSlice> inputs = inputs(band, pool);
      List<TensorSlice> outputs = kernel.run(inputs, pool);
      float[] values = new float[(int) (outputs.get(0).bytes() / Float.BYTES)];
      outputs.get(0).data().asFloatBuffer().get(values);
      inputs.forEach(TensorSlice::release);
      outputs.forEach(TensorSlice::release);
      assertThat(pool.inUse()).isZero();
      return values;
    }
  }
}
