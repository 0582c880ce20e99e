package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TileActorTest {
  private static final DeploymentId ID = new DeploymentId(7, 1);

  private final OperatorGraph graph = BoxGraph.chain(3, 4, 32, 8);
  private final Plan whole = BoxGraph.whole(graph, 0, "robot");
  private Device robot;

  @BeforeEach
  void start() {
    robot = Device.alone("robot");
    robot.graphs.put(graph.hash(), graph);
  }

  @AfterEach
  void everyNativeByteIsFreeAtTheEnd() {
    await().atMost(Device.PATIENCE).untilAsserted(() -> assertThat(robot.host.pool().inUse()).isZero());
    robot.close();
    assertThat(robot.kernels.open).hasValue(0);
  }

  static float[] random(OperatorGraph graph, long seed) {
    Random random = new Random(seed);
    float[] values = new float[(int) graph.tensor(0).shape().elements()];
    for (int i = 0; i < values.length; i++) values[i] = random.nextInt(100);
    return values;
  }

  private static InferenceId inference(long n) {
    return new InferenceId(1, n);
  }

  private CompletionStage<float[]> join(long n) {
    List<Tensor> outputs = graph.outputs().stream().map(graph::tensor).toList();
    return robot.host.joins().open(inference(n), outputs, Device.PATIENCE).thenApply(slices -> {
      float[] values = BoxKernels.values(slices.get(0));
      slices.forEach(TensorSlice::release);
      return values;
    });
  }

  /** Sends these rows of the input, as strided views of one buffer or as dense copies. */
  private void send(long n, float[] input, List<RowSpan> spans, boolean copies) {
    TensorSlice all = BoxKernels.input(graph.tensor(0), input, robot.host.pool());
    for (RowSpan span : spans) {
      TensorSlice rows = all.rows(span);
      if (copies) {
        TensorSlice dense = TensorSlice.allocate(robot.host.pool(), 0, rows.type(), rows.shape(), rows.axis(), span);
        rows.copyTo(dense);
        rows.release();
        rows = dense;
      }
      robot.host.courier().send("robot", new Parcel(ID, inference(n), 0, 0, rows));
    }
    all.release();
  }

  @Test
  void tilesOfAllStagesTogetherEqualTheWhole() throws Exception {
    Plan plan = BoxGraph.even(graph, "robot", "robot");
    robot.deploy(ID, BoxGraph.whole(graph, 0, "robot"), robot);
    float[] input = random(graph, 1);
    assertThat(robot.infer(graph, whole, ID, inference(1), input).toCompletableFuture().join()).isEqualTo(BoxGraph.expected(graph, input));
    DeploymentId next = new DeploymentId(7, 2);
    robot.deploy(next, plan, robot);
    assertThat(robot.infer(graph, plan, next, inference(2), input).toCompletableFuture().join()).isEqualTo(BoxGraph.expected(graph, input));
    robot.undeploy(ID, robot);
    robot.undeploy(next, robot);
  }

  @Test
  void takesSpansInAnyOrderOverlappingAndTwice() throws Exception {
    robot.deploy(ID, whole, robot);
    Random random = new Random(3);
    for (int n = 0; n < 50; n++) {
      List<RowSpan> spans = new ArrayList<>();
      for (int from = 0; from < 32; ) {
        int to = Math.min(32, from + 1 + random.nextInt(12));
        spans.add(new RowSpan(Math.max(0, from - random.nextInt(4)), to));
        from = to;
      }
      spans.add(spans.get(random.nextInt(spans.size())));
      Collections.shuffle(spans, random);
      float[] input = random(graph, n);
      CompletionStage<float[]> answer = join(n);
      send(n, input, spans, n % 2 == 0);
      assertThat(answer.toCompletableFuture().join()).isEqualTo(BoxGraph.expected(graph, input));
    }
    robot.undeploy(ID, robot);
  }

  @Test
  void keepsManyInferencesApart() throws Exception {
    robot.deploy(ID, whole, robot);
    List<CompletionStage<float[]>> answers = new ArrayList<>();
    for (int n = 0; n < 20; n++) {
      answers.add(join(n));
      send(n, random(graph, n), List.of(new RowSpan(16, 32)), true);
    }
    for (int n = 19; n >= 0; n--) send(n, random(graph, n), List.of(new RowSpan(0, 16)), true);
    for (int n = 0; n < 20; n++)
      assertThat(answers.get(n).toCompletableFuture().join()).isEqualTo(BoxGraph.expected(graph, random(graph, n)));
    robot.undeploy(ID, robot);
  }

  @Test
  void computesOnceHoweverOftenTheRowsCome() throws Exception {
    robot.deploy(ID, whole, robot);
    CompletionStage<float[]> answer = join(1);
    for (int i = 0; i < 5; i++) send(1, random(graph, 1), List.of(RowSpan.first(32)), false);
    answer.toCompletableFuture().join();
    robot.undeploy(ID, robot);
    assertThat(robot.kernels.runs).hasValue(1);
  }

  @Test
  void dropsThePiecesOfAnExpiredInferenceAndWhatComesLate() throws Exception {
    robot.deploy(ID, whole, robot);
    send(1, random(graph, 1), List.of(new RowSpan(0, 16)), true);
    await().until(() -> robot.host.pool().inUse() > 0);
    robot.host.deployments().tell(new Deployments.Expire(ID, inference(1)));
    await().atMost(Device.PATIENCE).until(() -> robot.host.pool().inUse() == 0);
    send(1, random(graph, 1), List.of(RowSpan.first(32)), true);
    await().atMost(Device.PATIENCE).until(() -> robot.host.pool().inUse() == 0);
    robot.undeploy(ID, robot);
    assertThat(robot.kernels.runs).hasValue(0);
  }

  @Test
  void expiredRunsThatWaitForTheLaneAreNotComputed() throws Exception {
    robot.deploy(ID, whole, robot);
    robot.kernels.gate.acquire();
    for (int n = 1; n <= 3; n++) send(n, random(graph, n), List.of(RowSpan.first(32)), true);
    await().until(() -> robot.host.lane().waiting() == 2);
    robot.host.deployments().tell(new Deployments.Expire(ID, inference(2)));
    robot.host.deployments().tell(new Deployments.Expire(ID, inference(3)));
    // One whole input is left: that of the run under way.
    long one = graph.tensor(0).bytes(32);
    await().atMost(Device.PATIENCE).until(() -> robot.host.pool().inUse() <= 2 * one);
    robot.kernels.gate.release();
    robot.undeploy(ID, robot);
    await().until(() -> robot.host.lane().waiting() == 0);
    assertThat(robot.kernels.runs).hasValue(1);
  }

  @Test
  void piecesDoNotOutliveTheirRetentionAndTheSourceIsTold() throws Exception {
    robot.close();
    TileSettings shortly = Device.settings();
    robot = Device.alone("robot", new TileSettings(Duration.ofMillis(100), 16, 16, shortly.lane(), shortly.link()));
    robot.graphs.put(graph.hash(), graph);
    robot.deploy(ID, whole, robot);
    send(1, random(graph, 1), List.of(new RowSpan(0, 16)), true);
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.inference()).isEqualTo(inference(1));
    assertThat(failed.reason()).isEqualTo("not all rows came within PT0.1S");
    assertThat(robot.host.pool().inUse()).isZero();
    robot.undeploy(ID, robot);
  }

  @Test
  void aFailingKernelIsToldToTheSource() throws Exception {
    robot.deploy(ID, whole, robot);
    float[] input = random(graph, 1);
    input[0] = -1;
    send(1, input, List.of(RowSpan.first(32)), false);
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.inference()).isEqualTo(inference(1));
    assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.BROKEN);
    assertThat(failed.reason()).contains("-1.0", "expected: not negative");
    robot.undeploy(ID, robot);
  }

  @Test
  void rowsThatCannotBeAreToldToTheSourceAndDropped() throws Exception {
    robot.deploy(ID, whole, robot);
    OperatorGraph other = BoxGraph.chain(1, 5, 32, 8);
    TensorSlice rows = BoxKernels.input(other.tensor(0), random(other, 1), robot.host.pool());
    robot.host.courier().send("robot", new Parcel(ID, inference(1), 0, 0, rows));
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.reason()).contains("[1,5,32,8]", "expected: FLOAT32 [1,4,32,8]");
    robot.undeploy(ID, robot);
  }

  @Test
  void morePendingInferencesThanAllowedFailAsBusy() throws Exception {
    robot.close();
    TileSettings few = Device.settings();
    robot = Device.alone("robot", new TileSettings(Duration.ofSeconds(60), 2, 16, few.lane(), few.link()));
    robot.graphs.put(graph.hash(), graph);
    robot.deploy(ID, whole, robot);
    for (int n = 1; n <= 3; n++) send(n, random(graph, n), List.of(new RowSpan(0, 16)), true);
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.inference()).isEqualTo(inference(3));
    assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.BUSY);
    robot.undeploy(ID, robot);
  }

  @Test
  void anAnswerThatDoesNotComeInTimeFailsAndHoldsNothing() throws Exception {
    robot.deploy(ID, whole, robot);
    var answer = robot.host.joins().open(inference(1), List.of(graph.tensor(3)), Duration.ofMillis(50)).toCompletableFuture();
    Assertions.assertThatThrownBy(answer::join).isInstanceOf(CompletionException.class).hasCauseInstanceOf(TimeoutException.class);
    // The clean-up runs behind the answer, on the clock's thread.
    await().untilAsserted(() -> assertThat(robot.host.joins().size()).isZero());
    robot.undeploy(ID, robot);
  }
}
