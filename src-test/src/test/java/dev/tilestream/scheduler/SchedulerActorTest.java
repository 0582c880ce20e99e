package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.ActorRef;
import akka.actor.PoisonPill;
import akka.actor.typed.javadsl.Adapter;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Whatever happens to an inference: it ends once, with the right answer or a reason, and its memory comes back. */
class SchedulerActorTest extends SchedulerFixture {
  @Test
  void answersAreOnnxRuntimesForEveryStrategyOnTwoDevices() throws IOException {
    TestDevice robot = pair();
    for (Strategy strategy : List.of(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.EVEN, Strategy.HYBRID))
      answersRightly(robot.infer("small", inputs(2), strategy, PATIENCE), 2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
  }

  @Test
  void withATruncatedHaloAnswersSayFromTheFirstOnHowFarTheyAreOff() throws IOException {
    TestDevice robot = pair();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
    double first = Double.NaN;
    for (int seed = 1; seed < 4; seed++) {
      int n = seed;
      InferenceAnswer answer = divided(() -> robot.infer("small", inputs(n), Strategy.EVEN, PATIENCE, Optional.of(0)).join());
      try {
        assertThat(answer.exact()).isFalse();
        assertThat(answer.devices()).containsExactly("robot", "edge");
        double off = deviation(answer, seed);
        if (seed == 1) first = off;
        assertThat(off).isGreaterThan(1e-3);
        assertThat(answer.deviation()).hasValueCloseTo(first, org.assertj.core.data.Offset.offset(1e-4));
      } finally {
        answer.release();
      }
    }
    InferenceAnswer wide = robot.infer("small", inputs(9), Strategy.EVEN, PATIENCE, Optional.of(64)).join();
    assertThat(wide.exact()).isTrue();
    assertThat(wide.deviation()).isEmpty();
    wide.release();
  }

  @Test
  void atHalfPrecisionHalfTheBytesCrossTheLinkAndAnswersSayHowFarTheyAreOff() throws IOException {
    TestDevice robot = pair();
    for (Strategy strategy : List.of(Strategy.EVEN, Strategy.OFFLOAD)) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, strategy)).contains("edge"));
      InferenceAnswer whole = divided(() -> robot.infer("small", inputs(3), strategy, PATIENCE).join());
      InferenceAnswer half = divided(() -> robot.infer("small", inputs(3), strategy, PATIENCE, Precision.FP16).join());
      try {
        assertThat(whole.exact()).isTrue();
        assertThat(deviation(whole, 3)).isLessThan(1e-4);
        assertThat(half.exact()).isFalse();
        assertThat(half.devices()).isEqualTo(whole.devices());
        double off = deviation(half, 3);
        assertThat(off).isBetween(1e-6, 2e-3);
        assertThat(half.deviation()).hasValueCloseTo(off, org.assertj.core.data.Offset.offset(1e-5));
        if (strategy == Strategy.OFFLOAD) assertThat((double) half.bytesOverAir() / whole.bytesOverAir()).isBetween(0.45, 0.55);
      } finally {
        whole.release();
        half.release();
      }
    }
    answersRightly(robot.infer("small", inputs(4), Strategy.EVEN, PATIENCE, Precision.FP32), 4);
  }

  @Test
  void whatCannotBeServedIsRefusedWithItsReason() throws IOException {
    TestDevice robot = device("robot");
    failsAs(robot.infer("large", inputs(1), Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.NOT_FOUND, "model large: not loaded");
    Map<String, Value> wrong = Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 3, 5, 16), 1));
    failsAs(robot.infer("small", wrong, Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.BAD_REQUEST, "input x: shape [1,3,5,16]");
  }

  @Test
  void ownKernelsThatFailAreTheAnswerAndTheNextInferenceIsServed() throws IOException {
    TestDevice robot = device("robot");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.breakDown(new IllegalStateException("a fuse blew"));
    failsAs(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.BROKEN, "a fuse blew");
    robot.kernels.breakDown(null);
    answersRightly(robot.infer("small", inputs(2), Strategy.LOCAL, PATIENCE), 2);
  }

  @Test
  void anUnloadedModelFinishesWhatRunsRefusesWhatQueuesAndLeavesNothingOpen() throws IOException {
    TestDevice robot = device("robot", "tilestream.scheduler { max-in-flight = 1 }");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.shut();
    int before = robot.kernels.arrived.get();
    CompletableFuture<InferenceAnswer> runs = robot.infer("small", inputs(2), Strategy.LOCAL, PATIENCE);
    CompletableFuture<InferenceAnswer> queues = robot.infer("small", inputs(3), Strategy.LOCAL, PATIENCE);
    await().atMost(PATIENCE).until(() -> robot.kernels.arrived.get() > before);
    robot.scheduler.tell(new SchedulerActor.ModelRemoved(robot.models.remove("small").sha256()));
    failsAs(queues, InferenceFailure.Kind.NOT_FOUND, "unloaded");
    robot.kernels.letThrough();
    answersRightly(runs, 2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(robot.kernels.open).hasValue(0));
    failsAs(robot.infer("small", inputs(3), Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.NOT_FOUND, "not loaded");
  }

  @Test
  void deploymentsForManyInputShapesStayBounded() throws IOException {
    TestDevice robot = device("robot", "tilestream.scheduler.max-instances = 2");
    robot.load("open", openModel());
    for (int rows = 8; rows < 14; rows++) {
      Map<String, Value> input = Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 3, rows, 16), rows));
      InferenceAnswer answer = robot.infer("open", input, Strategy.LOCAL, PATIENCE).join();
      assertThat(answer.outputs().values().iterator().next().shape()).isEqualTo(Shape.of(1, 4, rows, 16));
      answer.release();
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(robot.kernels.open).hasValueLessThanOrEqualTo(2));
  }

  @Test
  void aPeerThatSlowsDownIsJudgedByThatWhileItServes() throws IOException {
    TestDevice robot = pair("tilestream.scheduler.replan-pause = 100ms");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
    double before = promisedSeconds(robot, Strategy.EVEN);
    Map<String, Shape> shapes = Map.of("x", Shape.of(1, 3, 32, 16));
    Models.Prepared known = robot.prepare(robot.models.get("small"), shapes).toCompletableFuture().join();
    robot.scheduler.tell(new SchedulerActor.ProfileChanged(known.profiles().get("edge").slower(1000)));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(promisedSeconds(robot, Strategy.EVEN)).isGreaterThan(20 * before));
    answersRightly(robot.infer("small", inputs(4), Strategy.EVEN, PATIENCE), 4);
  }

  @Test
  void whatComesToASourceThatHasStoppedIsRefusedAndReleased() throws Exception {
    TestDevice robot = device("robot");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.shut();
    int before = robot.kernels.arrived.get();
    CompletableFuture<InferenceAnswer> runs = robot.infer("small", inputs(2), Strategy.LOCAL, PATIENCE);
    await().atMost(PATIENCE).until(() -> robot.kernels.arrived.get() > before);
    // Its thread is held until the answer has come together, behind its end: it never gets the message that says so.
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    CompletableFuture<List<PlanReport>> reports = new CompletableFuture<>();
    reports.thenRun(() -> {
      held.countDown();
      try {
        stopped.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    robot.scheduler.tell(new SchedulerActor.DescribePlans(Optional.empty(), reports));
    held.await();
    Adapter.toClassic(robot.scheduler).tell(PoisonPill.getInstance(), ActorRef.noSender());
    robot.kernels.letThrough();
    await().atMost(PATIENCE).until(() -> robot.tiles.joins().size() == 0);
    stopped.countDown();

    failsAs(runs, InferenceFailure.Kind.BUSY, "this node stops");
    failsAs(robot.infer("small", inputs(3), Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.BUSY, "this node stops");
  }

  private Path openModel() throws IOException {
    return Files.write(directory.resolve("open.onnx"), SmallModels.open());
  }
}
