package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Devices with real kernels and links in this process, a small model, and its right answers. */
abstract class SchedulerFixture {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final List<TestDevice> devices = new ArrayList<>();

  @AfterEach
  void allMemoryComesBack() {
    try {
      for (TestDevice device : devices) {
        device.kernels.letThrough();
        await(device.name + ": memory").atMost(PATIENCE).untilAsserted(() -> assertThat(device.tiles.pool().inUse()).isZero());
        assertThat(device.tiles.joins().size()).isZero();
      }
    } finally {
      devices.forEach(TestDevice::close);
    }
  }

  TestDevice device(String name, String... settings) throws IOException {
    TestDevice device = new TestDevice(name, directory.resolve("cache-" + name), settings);
    devices.add(device);
    device.load("small", model());
    return device;
  }

  /** Two devices that know each other, the model deployed on the first by {@code local}. */
  TestDevice pair(String... settings) throws IOException {
    TestDevice robot = device("robot", settings);
    TestDevice edge = device("edge");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.shareGraphs(edge);
    robot.meet(edge);
    return robot;
  }

  TestDevice edge() {
    return devices.get(1);
  }

  /** The first answer that others had a part in: on a busy machine they may be late, and everything is computed at the source for a while. */
  static InferenceAnswer divided(Supplier<InferenceAnswer> infer) {
    AtomicReference<InferenceAnswer> last = new AtomicReference<>();
    await().atMost(PATIENCE).until(() -> {
      if (last.get() != null) last.get().release();
      last.set(infer.get());
      return last.get().devices().size() > 1 || last.get().devices().contains("edge");
    });
    return last.get();
  }

  /** Of the plan in use. */
  static double promisedSeconds(TestDevice source, Strategy strategy) {
    CompletableFuture<List<PlanReport>> reports = new CompletableFuture<>();
    source.scheduler.tell(new SchedulerActor.DescribePlans(Optional.of("small"), reports));
    PlanReport report = reports.join().stream().filter(r -> r.strategy().equals(strategy.word())).findFirst().orElseThrow();
    return report.plans().get(0).promisedSeconds();
  }

  static List<String> devicesOf(TestDevice source, Strategy strategy) {
    InferenceAnswer answer = source.infer("small", inputs(3), strategy, PATIENCE).join();
    answer.release();
    return answer.devices();
  }

  static void failsAs(CompletableFuture<InferenceAnswer> answer, InferenceFailure.Kind kind, String reason) {
    assertThatThrownBy(() -> answer.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS).join())
        .cause().isInstanceOfSatisfying(InferenceFailure.class, failure -> {
          assertThat(failure.kind()).isEqualTo(kind);
          assertThat(failure).hasMessageContaining(reason);
        });
  }

  static void answersRightly(CompletableFuture<InferenceAnswer> answer, int seed) {
    check(answer.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS).join(), seed);
  }

  /** Compares with ONNX Runtime on the whole model, and gives the answer's memory back. */
  static void check(InferenceAnswer answer, int seed) {
    Map<String, Value> came = new HashMap<>();
    answer.outputs().forEach((name, slice) -> came.put(name, Value.copyOf(slice)));
    answer.outputs().values().forEach(TensorSlice::release);
    try (Oracle oracle = Oracle.of(SmallModels.small())) {
      Map<String, Value> expected = oracle.run(inputs(seed));
      assertThat(came.keySet()).isEqualTo(expected.keySet());
      expected.forEach((name, value) -> assertThat(value.deviation(came.get(name))).as(name).isLessThan(1e-4));
    }
  }

  static Map<String, Value> inputs(int seed) {
    return Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 3, 32, 16), seed));
  }

  Path model() throws IOException {
    return Files.write(directory.resolve("small.onnx"), SmallModels.small());
  }

  static double deviation(InferenceAnswer answer, int seed) {
    try (Oracle oracle = Oracle.of(SmallModels.small())) {
      return oracle.run(inputs(seed)).entrySet().stream()
          .mapToDouble(e -> e.getValue().deviation(Value.copyOf(answer.outputs().get(e.getKey())))).max().orElseThrow();
    }
  }
}
