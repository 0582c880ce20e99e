package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two devices whose native memory holds a few inferences, asked for many at once. */
class ScarceMemoryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int ROWS = 512;
  private static final int REQUESTS = 200;
  private static final int INPUTS = 5;
  private static final List<Strategy> STRATEGIES = List.of(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.EVEN, Strategy.HYBRID);

  @TempDir private Path directory;

  @Test
  void everyAnswerIsRightOrARefusalAndAllMemoryComesBack() throws Exception {
    Path file = Files.write(directory.resolve("open.onnx"), SmallModels.open());
    try (Oracle oracle = Oracle.of(file, 1);
        TestDevice robot = device("robot", file, "1 MiB");
        TestDevice edge = device("edge", file, "512 KiB")) {
      List<Map<String, Value>> expected = new ArrayList<>();
      for (int i = 0; i < INPUTS; i++) expected.add(oracle.run(input(i)));
      robot.infer("open", input(0), Strategy.LOCAL, PATIENCE).join().release();
      robot.shareGraphs(edge);
      robot.meet(edge);
      for (Strategy strategy : STRATEGIES) robot.infer("open", input(0), strategy, PATIENCE).join().release();
      assertThat(refusedOf(robot, expected)).as("of " + REQUESTS).isBetween(1, REQUESTS - 1);
      await().atMost(PATIENCE).untilAsserted(() -> {
        assertThat(robot.tiles.pool().inUse()).as("robot").isZero();
        assertThat(edge.tiles.pool().inUse()).as("edge").isZero();
        assertThat(robot.tiles.joins().size()).isZero();
      });
      for (Strategy strategy : STRATEGIES) robot.infer("open", input(0), strategy, PATIENCE).join().release();
    }
  }

  /** How many of many requests at once are refused; the others are right. */
  private static int refusedOf(TestDevice robot, List<Map<String, Value>> expected) {
    List<CompletableFuture<Boolean>> answers = new ArrayList<>();
    for (int r = 0; r < REQUESTS; r++) {
      int input = r % INPUTS;
      Strategy strategy = STRATEGIES.get(r % STRATEGIES.size());
      try {
        answers.add(robot.infer("open", input(input), strategy, PATIENCE).thenApply(answer -> right(answer, expected.get(input))));
      } catch (BufferPool.Exhausted noMemoryForTheInput) {
        answers.add(CompletableFuture.completedFuture(false));
      }
    }
    int refused = 0;
    for (CompletableFuture<Boolean> answer : answers) {
      try {
        if (!answer.orTimeout(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS).join()) refused++;
      } catch (CompletionException e) {
        assertThat(e.getCause()).isInstanceOfSatisfying(
            InferenceFailure.class, f -> assertThat(f.kind()).as(f.getMessage()).isEqualTo(InferenceFailure.Kind.BUSY));
        refused++;
      }
    }
    return refused;
  }

  private static boolean right(InferenceAnswer answer, Map<String, Value> expected) {
    try {
      for (Map.Entry<String, Value> e : expected.entrySet())
        assertThat(e.getValue().deviation(Value.copyOf(answer.outputs().get(e.getKey())))).isLessThan(1e-4);
      return true;
    } finally {
      answer.outputs().values().forEach(TensorSlice::release);
    }
  }

  private static Map<String, Value> input(int seed) {
    return Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 3, ROWS, 16), seed));
  }

  private TestDevice device(String name, Path file, String memory) {
    TestDevice device = new TestDevice(name, directory.resolve("cache-" + name), "tilestream.memory { limit = %s, idle = 64 KiB }".formatted(memory));
    device.load("open", file);
    return device;
  }
}
