package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.RowSpan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels that are being made when the node, or its process, ends. */
class ProcessEndTest {
  private static final KernelSettings ONNX = new KernelSettings(1, KernelSettings.Backend.ONNXRUNTIME, Duration.ZERO);

  @TempDir Path cache;

  @Test
  void aProcessThatMakesKernelsEndsWithoutACrash() throws Exception {
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null",
        "-cp", System.getProperty("java.class.path"), Ending.class.getName(), model().toString(), cache.toString())
        .redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said).contains("making kernels");
  }

  @Test
  void closingWaitsForWhatIsBeingMadeAndMakesNoMore() throws Exception {
    OperatorGraph graph = OnnxImporter.load(model(), Map.of(), cache);
    Kernels kernels = Kernels.of(ONNX);
    CountDownLatch first = new CountDownLatch(1);
    CompletableFuture<Throwable> ended = CompletableFuture.supplyAsync(() -> makeUntilRefused(kernels, graph, first));
    first.await();
    // A kernel may be in use at that moment: that is refused, but none is made any more.
    await().ignoreExceptionsInstanceOf(IllegalStateException.class).untilAsserted(kernels::close);
    assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(KernelFailure.class).hasMessageContaining("closed");
    assertThatThrownBy(() -> kernels.create(band(graph, 9))).isInstanceOf(KernelFailure.class);
    graph.weights().close();
  }

  private static Throwable makeUntilRefused(Kernels kernels, OperatorGraph graph, CountDownLatch first) {
    try {
      for (int rows = 1; ; rows = rows % 40 + 1) {
        Kernel kernel = kernels.create(band(graph, rows));
        first.countDown();
        kernel.close();
      }
    } catch (RuntimeException e) {
      return e;
    }
  }

  private static Path model() {
    return TestModels.root().resolve("models/ultraface-rfb-320.onnx");
  }

  private static Band band(OperatorGraph graph, int rows) {
    return Band.of(graph, List.of(0), List.of(new Rows(graph.stage(0).outputs().get(0), new RowSpan(0, rows))));
  }

  /** Makes kernels in three threads, and ends in the midst of it. */
  static final class Ending {
    public static void main(String[] arguments) throws InterruptedException {
      OperatorGraph graph = OnnxImporter.load(Path.of(arguments[0]), Map.of(), Path.of(arguments[1]));
      Kernels kernels = Kernels.of(ONNX);
      CountDownLatch made = new CountDownLatch(20);
      for (int i = 0; i < 3; i++) {
        Band band = upTo(graph, graph.stages().size() - 1 - i);
        Thread thread = new Thread(() -> {
          while (true) {
            kernels.create(band).close();
            made.countDown();
          }
        });
        thread.setDaemon(true);
        thread.start();
      }
      made.await();
      System.out.println("making kernels");
      System.exit(0);
    }

    private static Band upTo(OperatorGraph graph, int stage) {
      int output = graph.stage(stage).outputs().get(0);
      List<Integer> stages = IntStream.rangeClosed(0, stage).boxed().toList();
      return Band.of(graph, stages, List.of(new Rows(output, new RowSpan(0, graph.tensor(output).rows()))));
    }
  }
}
