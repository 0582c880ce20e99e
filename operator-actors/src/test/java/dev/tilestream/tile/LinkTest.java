package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.javadsl.AskPattern;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two devices, two actor systems, real TCP between them. */
class LinkTest {
  private static final DeploymentId ID = new DeploymentId(1, 1);

  private Device robot;
  private Device edge;

  private void start(TileSettings settings) {
    robot = Device.remote("robot", settings);
    edge = Device.remote("edge", settings);
    robot.connect(edge);
    edge.connect(robot);
  }

  private static TileSettings with(LinkSettings link) {
    return Device.settings().withLink(link);
  }

  private static LinkSettings chunks(int chunk, int window) {
    return chunks(chunk, window, false);
  }

  private static LinkSettings chunks(int chunk, int window, boolean packing) {
    return new LinkSettings(
        chunk, 1 << 20, window, 128, 8 << 20, Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(1), 0.01, packing,
        Emulation.NONE);
  }

  @AfterEach
  void everyNativeByteIsFreeAtTheEnd() {
    for (Device device : List.of(robot, edge))
      await().atMost(Device.PATIENCE).untilAsserted(() -> assertThat(device.host.pool().inUse()).as(device.name).isZero());
    robot.close();
    edge.close();
  }

  private LinkReport report(Device device) {
    return AskPattern.<Links.Command, LinkReport>ask(
            device.host.links(), Links.ReportLinks::new, Device.PATIENCE, device.system.scheduler())
        .toCompletableFuture().join();
  }

  private OperatorGraph graph(int depth, int channels, int rows, int columns) {
    OperatorGraph graph = BoxGraph.chain(depth, channels, rows, columns);
    robot.graphs.put(graph.hash(), graph);
    edge.graphs.put(graph.hash(), graph);
    return graph;
  }

  /** {@code bytes} of floats in rows of 4 KiB, all equal to {@code value}. */
  private static TensorSlice floats(BufferPool pool, int bytes, float value) {
    int rows = bytes / 4096;
    TensorSlice slice = TensorSlice.allocate(pool, 0, DataType.FLOAT32, Shape.of(rows, 1024), 0, RowSpan.first(rows));
    for (int i = 0; i < bytes / 4; i++) slice.buffer().bytes().putFloat(i * 4, value);
    return slice;
  }

  private static Parcel toSink(long sequence, int urgency, TensorSlice rows) {
    return new Parcel(ID, new InferenceId(1, sequence), Parcel.SINK, urgency, rows);
  }

  private static Tensor tensor(TensorSlice slice) {
    return new Tensor(0, "t", Tensor.Kind.VALUE, slice.type(), slice.shape(), slice.axis());
  }

  @Test
  void tilesOnTwoDevicesEqualTheWhole() throws Exception {
    start(with(chunks(4 << 10, 16 << 10)));
    OperatorGraph graph = graph(6, 3, 64, 50);
    Plan plan = BoxGraph.even(graph, "robot", "edge");
    robot.deploy(ID, plan, robot, edge);
    List<CompletionStage<float[]>> answers = new ArrayList<>();
    for (int n = 0; n < 30; n++) answers.add(robot.infer(graph, plan, ID, new InferenceId(5, n), TileActorTest.random(graph, n)));
    for (int n = 0; n < 30; n++)
      assertThat(answers.get(n).toCompletableFuture().join()).isEqualTo(BoxGraph.expected(graph, TileActorTest.random(graph, n)));
    robot.undeploy(ID, robot, edge);
    assertThat(edge.kernels.open).hasValue(0);
  }

  @Test
  void rowsThatSeveralTilesOfAPeerNeedCrossTheAirOnce() throws Exception {
    start(with(chunks(4 << 10, 16 << 10)));
    OperatorGraph graph = graph(6, 3, 64, 50);
    List<Tile> tiles = new ArrayList<>();
    List<Integer> stages = graph.stages().stream().map(Stage::id).toList();
    for (int i = 0; i < 8; i++) tiles.add(new Tile(i, 1, stages, List.of(new Rows(6, new RowSpan(8 * i, 8 * i + 8))), i));
    Plan plan = new Plan(graph.hash(), Strategy.OFFLOAD, List.of("robot", "edge"), tiles, Double.NaN, Double.NaN, true);
    robot.deploy(ID, plan, robot, edge);
    float[] input = TileActorTest.random(graph, 1);
    assertThat(robot.infer(graph, plan, ID, new InferenceId(5, 1), input).toCompletableFuture().join())
        .isEqualTo(BoxGraph.expected(graph, input));
    assertThat(report(robot).sentBytes()).isEqualTo(3 * 64 * 50 * 4);
    robot.undeploy(ID, robot, edge);
  }

  @Test
  void overASlowAirRowsTravelPackedAndArriveAsTheyWere() throws Exception {
    start(with(chunks(32 << 10, 256 << 10, true).over(Emulation.of(1e6, Duration.ZERO))));
    int bytes = 256 << 10;
    // What the air carries is known only once something went over it.
    for (int n = 0; n < 4; n++) {
      TensorSlice floats = floats(robot.host.pool(), bytes, 0);
      for (int i = 0; i < bytes; i += 4) floats.buffer().bytes().putFloat(i, i % 44);
      CompletionStage<List<TensorSlice>> join =
          edge.host.joins().open(new InferenceId(1, n), List.of(tensor(floats)), Device.PATIENCE);
      robot.host.courier().send("edge", toSink(n, 0, floats));
      TensorSlice came = join.toCompletableFuture().join().get(0);
      for (int i = 0; i < bytes; i += 4) assertThat(came.data().getFloat(i)).isEqualTo(i % 44);
      came.release();
    }
    assertThat(report(robot).sentBytes()).isBetween(1L, 3L * bytes);
    await().atMost(Device.PATIENCE).untilAsserted(() -> assertThat(report(robot).inFlightBytes()).isZero());
  }

  @Test
  void bigSlicesTravelInChunksOfWholeRowsWithinTheWindow() throws Exception {
    start(with(chunks(6_000, 40_000)));
    OperatorGraph graph = graph(1, 3, 64, 50);
    Plan plan = BoxGraph.whole(graph, 1, "robot", "edge");
    robot.deploy(ID, plan, robot, edge);
    float[] input = TileActorTest.random(graph, 1);
    float[] answer = robot.infer(graph, plan, ID, new InferenceId(5, 1), input).toCompletableFuture().join();
    assertThat(answer).isEqualTo(BoxGraph.expected(graph, input));
    LinkReport report = report(robot);
    assertThat(report.sentBytes()).isEqualTo(3 * 64 * 50 * 4);
    // A row is 600 bytes: 10 to a chunk.
    assertThat(report.sentParcels()).isEqualTo(7);
    await().atMost(Device.PATIENCE).untilAsserted(() -> assertThat(report(robot).inFlightBytes()).isZero());
    robot.undeploy(ID, robot, edge);
  }

  @Test
  void rowsOfAnOlderInferenceOvertakeABulkTransferAndYoungerOnesWait() throws Exception {
    start(with(chunks(64 << 10, 128 << 10).over(Emulation.of(4e6, Duration.ZERO))));
    TensorSlice bulk = floats(robot.host.pool(), 2 << 20, 1);
    TensorSlice younger = floats(robot.host.pool(), 4096, 2);
    TensorSlice older = floats(robot.host.pool(), 4096, 3);
    for (int n = 1; n <= 3; n++) robot.host.seniority().of(new InferenceId(1, n));
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<?>> arrivals = new ArrayList<>();
    arrivals.add(arrival("older", 1, tensor(older), order));
    arrivals.add(arrival("bulk", 2, tensor(bulk), order));
    arrivals.add(arrival("younger", 3, tensor(younger), order));
    robot.host.courier().send("edge", toSink(2, 5, bulk));
    robot.host.courier().send("edge", toSink(3, 0, younger));
    robot.host.courier().send("edge", toSink(1, 9, older));
    CompletableFuture.allOf(arrivals.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    assertThat(order).containsExactly("older", "bulk", "younger");
  }

  private CompletableFuture<?> arrival(String name, long sequence, Tensor tensor, List<String> order) {
    return edge.host.joins().open(new InferenceId(1, sequence), List.of(tensor), Device.PATIENCE).thenAccept(slices -> {
      order.add(name);
      slices.forEach(TensorSlice::release);
    }).toCompletableFuture();
  }

  @Test
  void emulatesAndMeasuresRateAndDelay() throws Exception {
    double rate = 8e6;
    start(with(chunks(64 << 10, 256 << 10).over(Emulation.of(rate, Duration.ofMillis(5)))));
    TensorSlice warm = floats(robot.host.pool(), 4096, 0);
    CompletableFuture<?> first = arrival("warm", 1, tensor(warm), new ArrayList<>());
    robot.host.courier().send("edge", toSink(1, 0, warm));
    first.get(20, TimeUnit.SECONDS);
    TensorSlice bulk = floats(robot.host.pool(), 4 << 20, 1);
    CompletableFuture<?> done = arrival("bulk", 2, tensor(bulk), new ArrayList<>());
    long start = System.nanoTime();
    robot.host.courier().send("edge", toSink(2, 0, bulk));
    done.get(20, TimeUnit.SECONDS);
    double seconds = (System.nanoTime() - start) * 1e-9;
    // Never faster than the air; a busy machine may be late.
    double air = (4 << 20) / rate + 0.005;
    assertThat(seconds).isBetween(0.99 * air, 4 * air);
    await().atMost(Device.PATIENCE).untilAsserted(() -> {
      LinkReport report = report(robot);
      assertThat(report.bytesPerSecond()).isBetween(0.3 * rate, 1.25 * rate);
      assertThat(report.roundTripSeconds()).isBetween(0.010, 0.050);
    });
  }

  @Test
  void anUnusedWayIsMeasuredWhenAskedTo() {
    double rate = 2e6;
    start(with(chunks(32 << 10, 256 << 10).over(Emulation.of(rate, Duration.ofMillis(5)))));
    await().atMost(Device.PATIENCE).untilAsserted(() -> {
      robot.host.courier().sound("edge");
      LinkReport report = report(robot);
      assertThat(report.bytesPerSecond()).isBetween(0.3 * rate, 1.25 * rate);
      // One at a time, and the next not before a pause.
      assertThat(report.sentBytes()).isLessThanOrEqualTo(20 * (64 << 10));
    });
    assertThat(report(edge).sentBytes()).isZero();
  }

  @Test
  void rowsForAnUnknownDeploymentAreSaidBackToTheirSender() throws Exception {
    start(with(chunks(64 << 10, 256 << 10)));
    OperatorGraph graph = graph(1, 1, 8, 4);
    Plan plan = BoxGraph.whole(graph, 1, "robot", "edge");
    robot.deploy(ID, plan, robot);
    robot.infer(graph, plan, ID, new InferenceId(5, 1), TileActorTest.random(graph, 1));
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.UNREACHABLE);
    assertThat(failed.reason()).contains("edge does not know deployment 1#1");
    robot.undeploy(ID, robot);
  }

  @Test
  void aFullQueueIsToldAndNotSilent() throws Exception {
    start(with(chunks(64 << 10, 256 << 10).over(Emulation.of(1e5, Duration.ZERO))));
    OperatorGraph graph = graph(1, 1, 8, 4);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot);
    for (int n = 1; n <= 3; n++) robot.host.courier().send("edge", toSink(n, 0, floats(robot.host.pool(), 4 << 20, 1)));
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.BUSY);
    assertThat(failed.reason()).contains("link to edge", "limit: 8388608");
    for (int n = 1; n <= 3; n++) robot.host.links().tell(new Links.Drop(new InferenceId(1, n)));
    robot.undeploy(ID, robot);
  }

  @Test
  void aRowThatNoFrameHoldsIsToldAndNotSilent() throws Exception {
    start(with(chunks(64 << 10, 256 << 10)));
    OperatorGraph graph = graph(1, 1, 8, 4);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot);
    TensorSlice row = TensorSlice.allocate(robot.host.pool(), 0, DataType.FLOAT32, Shape.of(1 << 20), -1, RowSpan.first(1));
    robot.host.courier().send("edge", toSink(1, 0, row));
    assertThat(((SourceEvent.TileFailed) robot.event()).reason()).contains("a row of 4194304 bytes for edge (limit: 1048576)");
    robot.undeploy(ID, robot);
  }

  @Test
  void whatThePeerHasNoMemoryForDoesNotBlockTheLink() throws Exception {
    robot = Device.remote("robot", with(chunks(64 << 10, 256 << 10)));
    edge = Device.remote("edge", with(chunks(64 << 10, 256 << 10)), "tilestream.memory.limit = 300 KiB");
    robot.connect(edge);
    OperatorGraph graph = graph(1, 1, 8, 4);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot);
    TensorSlice hog = TensorSlice.allocate(edge.host.pool(), 0, DataType.UINT8, Shape.of(250 << 10), -1, RowSpan.first(1));
    Shape rows = Shape.of(5, 100 << 10);
    TensorSlice big = TensorSlice.allocate(robot.host.pool(), 0, DataType.UINT8, rows, 0, RowSpan.first(5));
    robot.host.courier().send("edge", new Parcel(ID, new InferenceId(1, 1), 0, 0, big));
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.EXHAUSTED);
    assertThat(failed.device()).as("whose tile misses them").isEqualTo("edge");
    await().atMost(Device.PATIENCE).until(() -> report(robot).sentParcels() == 5 && report(robot).inFlightBytes() == 0);
    assertThat(report(robot).lostParcels()).isZero();
    assertThat(robot.events).as("said once").isEmpty();
    hog.release();
    TensorSlice small = floats(robot.host.pool(), 4096, 2);
    CompletableFuture<?> arrival = arrival("small", 2, tensor(small), new ArrayList<>());
    robot.host.courier().send("edge", toSink(2, 0, small));
    arrival.get(20, TimeUnit.SECONDS);
    robot.undeploy(ID, robot);
  }

  @Test
  void aRowsSenderIsToBlameWhereTheSourceHasNoMemoryForThem() throws Exception {
    robot = Device.remote("robot", with(chunks(64 << 10, 256 << 10)), "tilestream.memory.limit = 300 KiB");
    edge = Device.remote("edge", with(chunks(64 << 10, 256 << 10)));
    edge.connect(robot);
    OperatorGraph graph = graph(1, 1, 8, 4);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot, edge);
    TensorSlice hog = TensorSlice.allocate(robot.host.pool(), 0, DataType.UINT8, Shape.of(250 << 10), -1, RowSpan.first(1));
    TensorSlice row = TensorSlice.allocate(edge.host.pool(), 0, DataType.UINT8, Shape.of(100 << 10), -1, RowSpan.first(1));
    edge.host.courier().send("robot", toSink(1, 0, row));
    SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
    assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.EXHAUSTED);
    assertThat(failed.device()).isEqualTo("edge");
    hog.release();
    robot.undeploy(ID, robot, edge);
  }

  @Test
  void aPeerThatIsGoneHoldsNothingBack() throws Exception {
    start(with(chunks(64 << 10, 256 << 10).over(Emulation.of(1e6, Duration.ZERO))));
    OperatorGraph graph = graph(1, 1, 8, 4);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot);
    for (int n = 1; n <= 2; n++) robot.host.courier().send("edge", toSink(n, 0, floats(robot.host.pool(), 1 << 20, 1)));
    await().until(() -> report(robot).sentParcels() > 0);
    edge.close();
    Set<InferenceId> told = new HashSet<>();
    robot.host.links().tell(new Links.Disconnect("edge"));
    while (told.size() < 2) {
      SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
      assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.UNREACHABLE);
      told.add(failed.inference());
    }
    robot.undeploy(ID, robot);
    await().atMost(Device.PATIENCE).until(() -> robot.host.pool().inUse() == 0);
    assertThat(robot.host.courier().reaches("edge")).isFalse();
  }

  @Test
  void aPeerThatAnswersNothingIsSilentAndOneThatComesBackIsNot() throws Exception {
    LinkSettings probing = chunks(64 << 10, 256 << 10);
    robot = Device.remote("robot", with(probing));
    edge = Device.remote("edge", with(probing));
    robot.connect(edge);
    await().atMost(Device.PATIENCE).until(() -> report(robot).roundTripSeconds() > 0);
    assertThat(report(robot).silent()).isFalse();
    int port = edge.port();
    edge.close();
    long closed = System.nanoTime();
    await().atMost(Device.PATIENCE).until(() -> report(robot).silent());
    assertThat(System.nanoTime() - closed).isGreaterThan(Duration.ofMillis(500).toNanos());
    edge = Device.remote("edge", with(probing), "akka.remote.artery.canonical.port = " + port);
    robot.host.links().tell(new Links.Disconnect("edge"));
    robot.connect(edge);
    await().atMost(Device.PATIENCE).until(() -> report(robot).open() && !report(robot).silent());
  }

  @Test
  void aPeerThatGetsItsRowsFromOthersIsMissedSoonByWhoDependsOnIt() {
    start(with(chunks(64 << 10, 256 << 10)));
    await().atMost(Device.PATIENCE).until(() -> report(robot).open());
    assertThat(unansweredMillis()).isZero();
    edge.close();
    long closed = System.nanoTime();
    await().pollInterval(Duration.ofMillis(25)).atMost(Device.PATIENCE).until(() -> unansweredMillis() > 250);
    assertThat(report(robot).sentParcels()).isZero();
    // Asked every 50 ms; a busy machine may be late.
    assertThat(System.nanoTime() - closed).isLessThan(Duration.ofSeconds(2).toNanos());
    await().pollDelay(Duration.ofMillis(2500)).atMost(Device.PATIENCE).until(() -> true);
    assertThat(unansweredMillis()).as("nobody wanted to know any more").isZero();
  }

  private long unansweredMillis() {
    return robot.host.courier().unansweredNanos("edge", System.nanoTime()) / 1_000_000;
  }

  @Test
  void sourceOnAnotherDeviceDyingEndsItsDeployments() throws Exception {
    start(with(chunks(64 << 10, 256 << 10)));
    OperatorGraph graph = graph(2, 2, 16, 4);
    robot.deploy(ID, BoxGraph.even(graph, "robot", "edge"), robot, edge);
    assertThat(edge.kernels.open).hasValue(2);
    robot.close();
    await().atMost(Duration.ofSeconds(30)).until(() -> edge.kernels.open.get() == 0);
  }
}
