package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilerTest {
  @TempDir Path cache;

  private static Path model(String name) {
    Path model = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve(name);
    Assumptions.assumeTrue(Files.exists(model), "test data is absent: " + model);
    return model;
  }

  private static DeviceProfile profile(OperatorGraph graph, BufferPool pool, ProfilerSettings settings) {
    try (Kernels kernels = Kernels.of(new KernelSettings(1, KernelSettings.Backend.ONNXRUNTIME, Duration.ZERO))) {
      return new Profiler(kernels, pool, settings).profile("here", graph, Power.ROBOT);
    }
  }

  private static ProfilerSettings settings(double seconds, double speed) {
    return new ProfilerSettings(Duration.ofNanos((long) (seconds * 1e9)), 5, speed, 1);
  }

  @Test
  void everyStageOfARealDetectorIsMeasuredAndNoMemoryIsLeft() {
    OperatorGraph graph = OnnxImporter.load(model("models/ultraface-rfb-320.onnx"), Map.of(), cache);
    try (BufferPool pool = BufferPool.bounded(1L << 30, 1L << 28)) {
      DeviceProfile p = profile(graph, pool, settings(2, 1));
      assertThat(p.graphHash()).isEqualTo(graph.hash());
      assertThat(p.stages()).hasSize(graph.stages().size()).allSatisfy(t -> assertThat(t.whole()).isPositive());
      assertThat(p.fusedRatio()).isBetween(0.05, 1.0);
      assertThat(p.stages()).as("stages measured on bands as well").anyMatch(t -> t.shares().length == 3);
      assertThat(pool.inUse()).isZero();
    } finally {
      graph.weights().close();
    }
  }

  @Test
  void howWellTensorsPackIsMeasuredWhereLinksPack() {
    OperatorGraph graph = OnnxImporter.load(model("models/ultraface-rfb-320.onnx"), Map.of(), cache);
    try (BufferPool pool = BufferPool.bounded(1L << 30, 1L << 28)) {
      DeviceProfile p = profile(graph, pool, settings(0, 1));
      assertThat(p.airShares()).hasSameSizeAs(graph.tensors());
      assertThat(p.airShares().get(graph.inputs().get(0))).as("what nobody knows").isEqualTo(1);
      assertThat(p.airShares()).as("what rectifiers leave").filteredOn(share -> share < 0.8).hasSizeGreaterThan(10);
      assertThat(profile(graph, pool, new ProfilerSettings(Duration.ZERO, 1, 1, 1, false)).airShares()).isEmpty();
      assertThat(pool.inUse()).isZero();
    } finally {
      graph.weights().close();
    }
  }

  @Test
  void aSmallerBudgetMeasuresFewerBandsButEveryStage() {
    OperatorGraph graph = OnnxImporter.load(model("models/ultraface-rfb-320.onnx"), Map.of(), cache);
    try (BufferPool pool = BufferPool.bounded(1L << 30, 1L << 28)) {
      DeviceProfile p = profile(graph, pool, settings(0, 1));
      assertThat(p.stages()).allSatisfy(t -> assertThat(t.whole()).isPositive());
      assertThat(p.stages()).as("floors are assumed, nothing but whole stages is measured").allMatch(t -> t.shares()[0] == 0);
    } finally {
      graph.weights().close();
    }
  }

  @Test
  void aDeviceEmulatedSlowerTakesLonger() {
    OperatorGraph graph = OnnxImporter.load(model("models/mnist.onnx"), Map.of(), cache);
    try (BufferPool pool = BufferPool.bounded(1L << 30, 1L << 28)) {
      double fast = profile(graph, pool, settings(1, 1)).stages().stream().mapToDouble(StageTime::whole).sum();
      double slow = profile(graph, pool, settings(1, 0.001)).stages().stream().mapToDouble(StageTime::whole).sum();
      assertThat(slow).isGreaterThan(20 * fast);
    } finally {
      graph.weights().close();
    }
  }

  /** Not a test: how long profiling takes, and what it finds. */
  public static void main(String[] args) throws Exception {
    Path cache = Files.createTempDirectory("tilestream-profile");
    for (String name : args) {
      OperatorGraph graph = OnnxImporter.load(Path.of(name), Map.of(), cache);
      try (BufferPool pool = BufferPool.bounded(4L << 30, 1L << 28)) {
        long start = System.nanoTime();
        DeviceProfile p = profile(graph, pool, ProfilerSettings.DEFAULT);
        double sum = p.stages().stream().mapToDouble(StageTime::whole).sum();
        long banded = p.stages().stream().filter(t -> t.shares().length == 3).count();
        double floor = p.stages().stream().mapToDouble(t -> t.at(0)).sum();
        System.out.printf("%s: %d stages in %.2f s, sum %.2f ms, fused %.2f ms (%.2f), floors %.2f ms, %d with bands%n",
            Path.of(name).getFileName(), p.stages().size(), (System.nanoTime() - start) / 1e9,
            sum * 1e3, sum * p.fusedRatio() * 1e3, p.fusedRatio(), floor * 1e3, banded);
      }
      graph.weights().close();
    }
  }

  @Test
  void stagesThatRefuseMadeUpInputsAreGuessedAndNoMemoryIsLeft() {
    OperatorGraph graph = OnnxImporter.load(model("onnx-operators/node/test_onehot_with_axis/model.onnx"), Map.of(), cache);
    try (BufferPool pool = BufferPool.bounded(1L << 30, 1L << 28)) {
      DeviceProfile p = profile(graph, pool, settings(1, 1));
      assertThat(p.stages()).hasSize(graph.stages().size()).allSatisfy(t -> assertThat(t.whole()).isBetween(1e-7, 1.0));
      assertThat(p.fusedRatio()).isEqualTo(1);
      assertThat(pool.inUse()).isZero();
    } finally {
      graph.weights().close();
    }
  }
}
