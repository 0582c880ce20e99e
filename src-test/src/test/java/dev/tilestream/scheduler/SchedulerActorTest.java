package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.TileTiming;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to an inference: it ends once, with the right answer or a reason, and its memory comes back. */
class SchedulerActorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
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

  private TestDevice device(String name, String... settings) throws IOException {
    TestDevice device = new TestDevice(name, directory.resolve("cache-" + name), settings);
    devices.add(device);
    device.load("small", model());
    return device;
  }

  /** Two devices that know each other, the model deployed on the first by {@code local}. */
  private TestDevice pair(String... settings) throws IOException {
    TestDevice robot = device("robot", settings);
    TestDevice edge = device("edge");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.shareGraphs(edge);
    robot.meet(edge);
    return robot;
  }

  private TestDevice edge() {
    return devices.get(1);
  }

  @Test
  void answersAreOnnxRuntimesForEveryStrategyOnTwoDevices() throws IOException {
    TestDevice robot = pair();
    for (Strategy strategy : List.of(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.EVEN, Strategy.HYBRID))
      answersRightly(robot.infer("small", inputs(2), strategy, PATIENCE), 2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
  }

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
    TestDevice flooding = device("flooding", "tilestream.scheduler.late-floor = 20s");
    TestDevice seldom = device("seldom", "tilestream.scheduler.late-floor = 20s");
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

  /** The first answer that others had a part in: on a busy machine they may be late, and everything is computed at the source for a while. */
  private static InferenceAnswer divided(Supplier<InferenceAnswer> infer) {
    AtomicReference<InferenceAnswer> last = new AtomicReference<>();
    await().atMost(PATIENCE).until(() -> {
      if (last.get() != null) last.get().release();
      last.set(infer.get());
      return last.get().devices().size() > 1 || last.get().devices().contains("edge");
    });
    return last.get();
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
  void theSourceComputesWhatAFailingPeerOwes() throws IOException {
    TestDevice robot = pair();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
    edge().kernels.breakDown(new IllegalStateException("a fuse blew"));
    answersRightly(robot.infer("small", inputs(4), Strategy.EVEN, PATIENCE), 4);
  }

  @Test
  void theSourceComputesWhatASilentPeerOwes() throws IOException {
    TestDevice robot = pair("tilestream.scheduler.late-floor = 200ms");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
    edge().kernels.shut();
    answersRightly(robot.infer("small", inputs(5), Strategy.EVEN, PATIENCE), 5);
  }

  @Test
  void aLatePeerGoesOnAndIsNotGivenUpWhenItComesFirst() throws IOException {
    TestDevice robot = pair("tilestream.scheduler { late-floor = 60ms, suspect-for = 1ms }");
    await().atMost(PATIENCE).untilAsserted(() -> {
      assertThat(devicesOf(robot, Strategy.OFFLOAD)).contains("edge");
      int before = robot.kernels.arrived.get();
      robot.kernels.shut();
      edge().kernels.shut();
      CompletableFuture<InferenceAnswer> answer = robot.infer("small", inputs(7), Strategy.OFFLOAD, PATIENCE);
      await().atMost(PATIENCE).until(() -> robot.kernels.arrived.get() > before || answer.isDone());
      edge().kernels.letThrough();
      InferenceAnswer made = answer.join();
      robot.kernels.letThrough();
      List<String> givenUp = made.givenUp();
      check(made, 7);
      // The first ones find nobody standing by at the source.
      assertThat(givenUp).isEmpty();
      assertThat(robot.kernels.arrived.get()).as("computed there as well").isGreaterThan(before);
    });
  }

  @Test
  void ofAnInferenceThatLosesItsPeerAtAnyMomentOnlyWhatIsMissingIsComputedAgain() throws Exception {
    TestDevice robot = pair("tilestream.scheduler { late-floor = 60ms, suspect-for = 1ms }");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
    Random random = new Random(5);
    int whole = 0;
    for (int i = 0; i < 30; i++) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
      int before = robot.kernels.arrived.get();
      CompletableFuture<InferenceAnswer> answer = robot.infer("small", inputs(i), Strategy.EVEN, PATIENCE);
      if (random.nextInt(3) > 0) java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(3_000_000));
      edge().kernels.shut();
      answersRightly(answer, i);
      edge().kernels.letThrough();
      if (robot.kernels.arrived.get() - before == 1) whole++;
    }
    assertThat(whole).as("computed by local alone").isLessThan(30);
  }

  @Test
  void theSourceComputesWhatAPeerThatLeavesOwes() throws IOException {
    TestDevice robot = pair();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
    TestDevice edge = edge();
    edge.kernels.shut();
    int before = edge.kernels.arrived.get();
    CompletableFuture<InferenceAnswer> answer = robot.infer("small", inputs(6), Strategy.EVEN, PATIENCE);
    await().atMost(PATIENCE).until(() -> edge.kernels.arrived.get() > before);
    robot.lose("edge");
    answersRightly(answer, 6);
    assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot");
  }

  @Test
  void aPeerThatRefusesADeploymentIsLeftOutAndTheSourceServesAlone() throws IOException {
    TestDevice robot = device("robot");
    TestDevice edge = device("edge");
    answersRightly(robot.infer("small", inputs(1), Strategy.LOCAL, PATIENCE), 1);
    robot.meet(edge);
    answersRightly(robot.infer("small", inputs(7), Strategy.EVEN, PATIENCE), 7);
    answersRightly(robot.infer("small", inputs(8), Strategy.EVEN, PATIENCE), 8);
  }

  @Test
  void anInferenceDoesNotWaitForAPeerThatNeverAnswersTheDeployment() throws IOException {
    TestDevice robot = device("robot");
    TestProbe<Deployments.Command> deaf = TestProbe.create(robot.system);
    robot.peer(new Peer("edge", deaf.ref(), () -> LinkEstimate.ofMegabits(1000, 0.1)));
    answersRightly(robot.infer("small", inputs(1), Strategy.EVEN, Duration.ofSeconds(3)), 1);
    deaf.expectMessageClass(Deployments.Deploy.class);
  }

  @Test
  void anInferenceDoesNotWaitForPeersThatNeverSayHowFastTheyAre() throws IOException {
    TestDevice robot = device("robot");
    robot.others = new CompletableFuture<>();
    answersRightly(robot.infer("small", inputs(1), Strategy.EVEN, Duration.ofSeconds(3)), 1);
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
  void anyDeadlineAtAnyMomentEndsAnInferenceExactlyOnce() throws IOException {
    TestDevice robot = pair("tilestream.scheduler { late-floor = 5ms, suspect-for = 1ms, max-in-flight = 4 }");
    Random random = new Random(11);
    List<CompletableFuture<InferenceAnswer>> answers = new ArrayList<>();
    for (int i = 0; i < 120; i++)
      answers.add(robot.infer(
          "small", inputs(i), random.nextBoolean() ? Strategy.EVEN : Strategy.LOCAL, Duration.ofMillis(1 + random.nextInt(60))));
    for (int i = 0; i < answers.size(); i++) {
      try {
        check(answers.get(i).join(), i);
      } catch (CompletionException e) {
        assertThat(e.getCause()).isInstanceOf(InferenceFailure.class);
        // Busy: those before it take longer than it has.
        assertThat(((InferenceFailure) e.getCause()).kind()).isIn(InferenceFailure.Kind.LATE, InferenceFailure.Kind.BUSY);
      }
    }
    answersRightly(robot.infer("small", inputs(1), Strategy.EVEN, PATIENCE), 1);
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

  /** Of the plan in use. */
  private static double promisedSeconds(TestDevice source, Strategy strategy) {
    CompletableFuture<List<PlanReport>> reports = new CompletableFuture<>();
    source.scheduler.tell(new SchedulerActor.DescribePlans(Optional.of("small"), reports));
    PlanReport report = reports.join().stream().filter(r -> r.strategy().equals(strategy.word())).findFirst().orElseThrow();
    return report.plans().get(0).promisedSeconds();
  }

  private static List<String> devicesOf(TestDevice source, Strategy strategy) {
    InferenceAnswer answer = source.infer("small", inputs(3), strategy, PATIENCE).join();
    answer.release();
    return answer.devices();
  }

  private static void failsAs(CompletableFuture<InferenceAnswer> answer, InferenceFailure.Kind kind, String reason) {
    assertThatThrownBy(() -> answer.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS).join())
        .cause().isInstanceOfSatisfying(InferenceFailure.class, failure -> {
          assertThat(failure.kind()).isEqualTo(kind);
          assertThat(failure).hasMessageContaining(reason);
        });
  }

  private static void answersRightly(CompletableFuture<InferenceAnswer> answer, int seed) {
    check(answer.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS).join(), seed);
  }

  /** Compares with ONNX Runtime on the whole model, and gives the answer's memory back. */
  private static void check(InferenceAnswer answer, int seed) {
    Map<String, Value> came = new HashMap<>();
    answer.outputs().forEach((name, slice) -> came.put(name, Value.copyOf(slice)));
    answer.outputs().values().forEach(TensorSlice::release);
    try (Oracle oracle = Oracle.of(SmallModels.small())) {
      Map<String, Value> expected = oracle.run(inputs(seed));
      assertThat(came.keySet()).isEqualTo(expected.keySet());
      expected.forEach((name, value) -> assertThat(value.deviation(came.get(name))).as(name).isLessThan(1e-4));
    }
  }

  private static Map<String, Value> inputs(int seed) {
    return Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 3, 32, 16), seed));
  }

  private Path model() throws IOException {
    return Files.write(directory.resolve("small.onnx"), SmallModels.small());
  }

  private static double deviation(InferenceAnswer answer, int seed) {
    try (Oracle oracle = Oracle.of(SmallModels.small())) {
      return oracle.run(inputs(seed)).entrySet().stream()
          .mapToDouble(e -> e.getValue().deviation(Value.copyOf(answer.outputs().get(e.getKey())))).max().orElseThrow();
    }
  }

  private Path openModel() throws IOException {
    return Files.write(directory.resolve("open.onnx"), SmallModels.open());
  }
}
