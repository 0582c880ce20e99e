package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Relief;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A source whose edge is not there: no rows ever reach it. */
class LedgerTest {
  private static final DeploymentId ID = new DeploymentId(1, 1);
  private static final Set<String> EDGE = Set.of("edge");

  private final OperatorGraph graph = BoxGraph.chain(3, 2, 24, 4);
  private final Plan plan = BoxGraph.even(graph, "robot", "edge");
  private final Relief relief = Relief.of(plan, Routes.of(graph, plan));
  private Device robot;

  @BeforeEach
  void start() throws InterruptedException {
    robot = Device.alone("robot");
    robot.graphs.put(graph.hash(), graph);
    robot.deploy(ID, plan, robot);
  }

  @AfterEach
  void stop() throws InterruptedException {
    undeploy(ID);
    robot.close();
    assertThat(robot.host.ledgers().size()).isZero();
    assertThat(robot.kernels.open).hasValue(0);
    assertThat(robot.host.pool().inUse()).isZero();
  }

  private void undeploy(DeploymentId id) throws InterruptedException {
    robot.host.deployments().tell(new Deployments.Undeploy(id, robot.source));
    SourceEvent last = robot.event();
    // Own tiles say that there is no way to the edge.
    while (last instanceof SourceEvent.TileFailed) last = robot.event();
    assertThat(last).isEqualTo(new SourceEvent.Undeployed(id, "robot"));
  }

  private void standBy() throws InterruptedException {
    robot.host.deployments().tell(new Deployments.StandBy(ID));
    assertThat(robot.event()).isEqualTo(new SourceEvent.StandsBy(ID, "robot"));
  }

  private Set<Integer> missing(Ledger ledger) {
    return relief.tiles(Set.of(1), rows -> ledger.has(rows.tensor(), rows.span()));
  }

  @Test
  void tilesOfADeviceThatIsGivenUpAreComputedFromWhatItWasSent() throws Exception {
    standBy();
    for (int n = 0; n < 5; n++) {
      InferenceId inference = new InferenceId(7, n);
      float[] input = TileActorTest.random(graph, n);
      Ledger ledger = robot.host.ledgers().open(inference, ID);
      CompletableFuture<float[]> answer = robot.infer(graph, plan, ID, inference, input).toCompletableFuture();
      assertThat(answer).isNotDone();
      ledger.takeOver(missing(ledger), EDGE);
      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(BoxGraph.expected(graph, input));
      robot.host.ledgers().close(inference);
    }
  }

  @Test
  void onlyWhatIsTakenOverRunsTwice() throws Exception {
    standBy();
    InferenceId inference = new InferenceId(7, 1);
    Ledger ledger = robot.host.ledgers().open(inference, ID);
    CompletableFuture<float[]> answer = robot.infer(graph, plan, ID, inference, TileActorTest.random(graph, 1)).toCompletableFuture();
    Set<Integer> missing = missing(ledger);
    ledger.takeOver(missing, EDGE);
    ledger.takeOver(missing, EDGE);
    answer.get(20, TimeUnit.SECONDS);
    assertThat(robot.kernels.runs).hasValue(plan.tiles().size());
    robot.host.ledgers().close(inference);
  }

  @Test
  void whatOthersMayStillDeliverStandsAsideForOwnTilesAndIsComputedAfterThem() throws Exception {
    DeploymentId local = new DeploymentId(1, 2);
    Plan alone = BoxGraph.whole(graph, 0, "robot");
    robot.deploy(local, alone, robot);
    InferenceId inference = new InferenceId(7, 1);
    float[] input = TileActorTest.random(graph, 1);
    Ledger ledger = robot.host.ledgers().open(inference, ID);
    robot.kernels.haltable = true;
    robot.kernels.gate.acquire();
    CompletableFuture<float[]> answer = robot.infer(graph, alone, local, inference, input).toCompletableFuture();
    await().atMost(Device.PATIENCE).until(robot.kernels.gate::hasQueuedThreads);
    TensorSlice again = BoxKernels.input(graph.tensor(0), input, robot.host.pool());
    new Feeder(ID, plan, Routes.of(graph, plan)).feed(robot.host.courier(), inference, List.of(again));
    again.release();
    // The robot's first tile; its second one waits for rows of the edge.
    await().atMost(Device.PATIENCE).until(() -> robot.kernels.halted.get() == 1);
    robot.kernels.gate.release();
    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(BoxGraph.expected(graph, input));
    assertThat(robot.kernels.runs).hasValue(2);
    assertThat(ledger.hedges(ID, 0)).isFalse();
    ledger.takeOver(Set.of(1), Set.of());
    assertThat(ledger.hedges(ID, 1)).isTrue();
    ledger.takeOver(Set.of(), EDGE);
    assertThat(ledger.hedges(ID, 1)).isFalse();
    robot.host.ledgers().close(inference);
    robot.host.joins().close(inference, new IllegalStateException("over"));
    undeploy(local);
  }

  @Test
  void aDeploymentThatGoesWhileItIsToStandByLeavesNothingOpen() throws Exception {
    robot.host.deployments().tell(new Deployments.StandBy(ID));
    robot.host.deployments().tell(new Deployments.StandBy(ID));
    robot.host.deployments().tell(new Deployments.Undeploy(ID, robot.source));
    SourceEvent last = robot.event();
    if (last instanceof SourceEvent.StandsBy) last = robot.event();
    assertThat(last).isEqualTo(new SourceEvent.Undeployed(ID, "robot"));
    assertThat(robot.kernels.open).hasValue(0);
  }

  @Test
  void rowsThatCameInPiecesAreKnownAsAWhole() {
    Ledger ledger = new Ledger(ID, new Inboxes());
    ledger.received(parcel(0, 4));
    ledger.received(parcel(8, 12));
    assertThat(ledger.has(3, RowSpan.of(0, 12))).isFalse();
    ledger.received(parcel(2, 9));
    assertThat(ledger.has(3, RowSpan.of(0, 12))).isTrue();
    assertThat(ledger.has(4, RowSpan.of(0, 1))).isFalse();
    ledger.delivered("edge", 5);
    ledger.delivered("edge", 7);
    assertThat(ledger.delivered("edge")).isEqualTo(12);
    ledger.close();
  }

  private Parcel parcel(int from, int to) {
    TensorSlice slice = TensorSlice.allocate(
        robot.host.pool(), 3, DataType.FLOAT32, Shape.of(1, 1, 16, 1), 2, RowSpan.of(from, to));
    slice.release();
    return new Parcel(ID, new InferenceId(7, 1), 0, 0, slice);
  }
}
