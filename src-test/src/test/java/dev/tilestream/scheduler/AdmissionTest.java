package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tile.TileTiming;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Who is served when more is asked for than there is time. */
class AdmissionTest extends SchedulerFixture {
  @Test
  void beyondTheQueuesBoundRequestsAreRefusedAsBusyAndTheOthersServed() throws IOException {
    TestDevice robot = device("robot", "tilestream.scheduler { max-in-flight = 1, max-queued = 4 }");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.shut();
    List<CompletableFuture<InferenceAnswer>> taken = new ArrayList<>();
    for (int i = 0; i < 3; i++) taken.add(robot.infer("small", inputs(i), Strategy.LOCAL, PATIENCE));
    failsAs(
        robot.infer("small", inputs(9), Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.BUSY,
        "3 inferences of this stream wait (expected: at most 2, beside 0 of others)");
    robot.kernels.letThrough();
    for (int i = 0; i < 3; i++) answersRightly(taken.get(i), i);
  }

  @Test
  void anInferenceEndsAtItsDeadlineWhetherItRunsOrStillQueues() throws IOException {
    TestDevice robot = device("robot", "tilestream.scheduler { max-in-flight = 1, max-queued = 2 }");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.shut();
    CompletableFuture<InferenceAnswer> runs = robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE);
    CompletableFuture<InferenceAnswer> queued = robot.infer("small", inputs(2), Strategy.LOCAL, Duration.ofMillis(100));
    failsAs(queued, InferenceFailure.Kind.LATE, "deadline passed in the queue");
    assertThat(runs).isNotDone();
    robot.kernels.letThrough();
    answersRightly(runs, 1);

    robot.kernels.shut();
    failsAs(robot.infer("small", inputs(1), Strategy.LOCAL, Duration.ofMillis(100)), InferenceFailure.Kind.LATE, "no answer within 100 ms");
    robot.kernels.letThrough();
    answersRightly(robot.infer("small", inputs(3), Strategy.LOCAL, PATIENCE), 3);
  }

  @Test
  void aStreamThatFloodsTheQueueKeepsNoOtherWaitingBehindIt() throws IOException {
    TestDevice robot = device("robot", "tilestream.scheduler { max-in-flight = 1, max-queued = 64 }");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.shut();
    List<CompletableFuture<InferenceAnswer>> flood = new ArrayList<>();
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 20; i++) flood.add(noted(robot.infer("small", "flood", inputs(i), Strategy.LOCAL, PATIENCE), "flood", order));
    var other = noted(robot.infer("small", "other", inputs(7), Strategy.LOCAL, PATIENCE), "other", order);
    robot.kernels.letThrough();
    answersRightly(other, 7);
    for (int i = 0; i < 20; i++) answersRightly(flood.get(i), i);
    assertThat(order.indexOf("other")).isEqualTo(1);
  }

  private static CompletableFuture<InferenceAnswer> noted(CompletableFuture<InferenceAnswer> answer, String name, List<String> order) {
    answer.whenComplete((a, failure) -> order.add(name));
    return answer;
  }

  @Test
  void whatCannotBeAnsweredInTimeIsRefusedBeforeAnythingIsComputed() throws IOException {
    TestDevice robot = device("robot", "tilestream.scheduler { max-in-flight = 1, max-queued = 64, replan-pause = 100ms }");
    for (int i = 0; i < 3; i++) answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.kernels.shut();
    List<CompletableFuture<InferenceAnswer>> taken = new ArrayList<>();
    for (int i = 0; i < 20; i++) taken.add(robot.infer("small", inputs(i), Strategy.LOCAL, PATIENCE));
    failsAs(robot.infer("small", inputs(9), Strategy.LOCAL, Duration.ofNanos(1000)), InferenceFailure.Kind.BUSY, "20 inferences are before it");
    robot.kernels.letThrough();
    for (int i = 0; i < 20; i++) answersRightly(taken.get(i), i);

    Map<String, Shape> shapes = Map.of("x", Shape.of(1, 3, 32, 16));
    Models.Prepared known = robot.prepare(robot.models.get("small"), shapes).toCompletableFuture().join();
    robot.scheduler.tell(new SchedulerActor.ProfileChanged(known.profiles().get("robot").slower(1e9)));
    await().atMost(PATIENCE).until(() -> promisedSeconds(robot, Strategy.LOCAL) > 100);
    int before = robot.kernels.arrived.get();
    failsAs(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), InferenceFailure.Kind.LATE, "its plan promises");
    assertThat(robot.kernels.arrived).hasValue(before);
    // Promises can be wrong, and only inferences show it.
    await().atMost(PATIENCE).until(() -> {
      robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE).handle((answer, failure) -> {
        if (answer != null) answer.release();
        return answer;
      }).join();
      return robot.kernels.arrived.get() > before;
    });
  }

  @Test
  void aRobotThatFloodsAnEdgeKeepsAnotherFromItForATurnAtMost() throws IOException {
    TestDevice flooding = device("flooding", "tilestream.scheduler { late-floor = 20s, late-share = 1e9 }");
    TestDevice seldom = device("seldom", "tilestream.scheduler { late-floor = 20s, late-share = 1e9 }");
    TestDevice edge = device("edge", "tilestream.lane.turn = 1 ns");
    for (TestDevice robot : List.of(flooding, seldom)) {
      answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
      robot.shareGraphs(edge);
      robot.meet(edge);
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.OFFLOAD)).containsExactly("edge"));
    }
    edge.kernels.shut();
    int before = edge.kernels.arrived.get();
    List<CompletableFuture<InferenceAnswer>> flood = new ArrayList<>();
    for (int i = 0; i < 12; i++) flood.add(flooding.infer("small", inputs(i), Strategy.OFFLOAD, PATIENCE));
    await().atMost(PATIENCE).until(() -> edge.kernels.arrived.get() > before && edge.tiles.lane().waiting() >= 11);
    CompletableFuture<InferenceAnswer> other = seldom.infer("small", inputs(7), Strategy.OFFLOAD, PATIENCE);
    await().atMost(PATIENCE).until(() -> edge.tiles.lane().waiting() >= 12);
    edge.kernels.letThrough();
    answersRightly(other, 7);
    for (int i = 0; i < 12; i++) answersRightly(flood.get(i), i);
    // Behind what ran when it came.
    await().atMost(PATIENCE).untilAsserted(() -> {
      List<Long> floods = starts(edge, flooding);
      List<Long> others = starts(edge, seldom);
      long last = others.get(others.size() - 1);
      assertThat(floods.subList(floods.size() - 12, floods.size()).stream().filter(start -> start < last)).hasSizeLessThanOrEqualTo(2);
    });
  }

  /** When tiles of inferences of {@code source} began on {@code device}, in order. */
  private static List<Long> starts(TestDevice device, TestDevice source) {
    return LongStream.rangeClosed(1, 1000).mapToObj(n -> new InferenceId(source.incarnation(), n))
        .flatMap(id -> device.tiles.timings().of(id).stream().map(TileTiming::startNanos)).sorted().toList();
  }
}
