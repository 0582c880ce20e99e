package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.pattern.Patterns;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.RowSpan;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeploymentsTest {
  private final OperatorGraph graph = BoxGraph.chain(2, 2, 16, 4);
  private final Plan plan = BoxGraph.even(graph, "robot");
  private Device robot;

  @BeforeEach
  void start() {
    robot = Device.alone("robot");
    robot.graphs.put(graph.hash(), graph);
  }

  @AfterEach
  void stop() {
    robot.close();
    assertThat(robot.kernels.open).hasValue(0);
    assertThat(robot.host.pool().inUse()).isZero();
  }

  private SourceEvent deploy(DeploymentId id, Plan what) throws InterruptedException {
    robot.host.deployments().tell(new Deployments.Deploy(id, what, "robot", robot.source));
    return robot.event();
  }

  @Test
  void refusesAGenerationThatIsNotAboveTheKnownOne() throws Exception {
    DeploymentId second = new DeploymentId(1, 2);
    assertThat(deploy(second, plan)).isEqualTo(new SourceEvent.Deployed(second, "robot"));
    SourceEvent.Refused refused = (SourceEvent.Refused) deploy(new DeploymentId(1, 1), plan);
    assertThat(refused.reason()).isEqualTo("generation: 1 of slot 1 (expected: above 2)");
    assertThat(deploy(second, plan)).as("said again").isEqualTo(new SourceEvent.Deployed(second, "robot"));
    robot.undeploy(second, robot);
    assertThat(deploy(second, plan)).isInstanceOf(SourceEvent.Refused.class);
  }

  @Test
  void aNewerGenerationRunsBesideTheOlderUntilThatIsUndeployed() throws Exception {
    DeploymentId old = new DeploymentId(1, 1);
    DeploymentId young = new DeploymentId(1, 2);
    robot.deploy(old, plan, robot);
    robot.deploy(young, plan, robot);
    float[] input = TileActorTest.random(graph, 1);
    float[] expected = BoxGraph.expected(graph, input);
    assertThat(robot.infer(graph, plan, old, new InferenceId(1, 1), input).toCompletableFuture().join()).isEqualTo(expected);
    assertThat(robot.infer(graph, plan, young, new InferenceId(1, 2), input).toCompletableFuture().join()).isEqualTo(expected);
    robot.undeploy(old, robot);
    assertThat(robot.kernels.open).hasValue(plan.tiles().size());
    assertThat(robot.infer(graph, plan, young, new InferenceId(1, 3), input).toCompletableFuture().join()).isEqualTo(expected);
    robot.undeploy(young, robot);
  }

  @Test
  void undeployingWaitsForTheRunUnderWayAndFreesEveryByte() throws Exception {
    DeploymentId id = new DeploymentId(1, 1);
    robot.deploy(id, plan, robot);
    robot.kernels.gate.acquire();
    for (int n = 0; n < 10; n++) robot.infer(graph, plan, id, new InferenceId(1, n), TileActorTest.random(graph, n));
    await().until(() -> robot.host.lane().waiting() == 9);
    robot.host.deployments().tell(new Deployments.Undeploy(id, robot.source));
    await().during(java.time.Duration.ofMillis(100)).until(robot.events::isEmpty);
    robot.kernels.gate.release();
    assertThat(robot.event()).isEqualTo(new SourceEvent.Undeployed(id, "robot"));
    assertThat(robot.kernels.open).hasValue(0);
    await().atMost(Device.PATIENCE).until(() -> robot.host.pool().inUse() == 0);
  }

  @Test
  void undeployingWhatIsNotThereIsConfirmed() throws Exception {
    robot.undeploy(new DeploymentId(9, 9), robot);
  }

  @Test
  void refusesPlansThatContradictTheGraph() throws Exception {
    Tile gap = new Tile(0, 0, List.of(0, 1), List.of(new Rows(2, new RowSpan(0, 8))), 0);
    assertThat(refusal(1, gap)).contains("nothing makes rows", "[8, 16)");
    Tile unknown = new Tile(0, 0, List.of(0, 5), List.of(new Rows(2, new RowSpan(0, 16))), 0);
    assertThat(refusal(2, unknown)).contains("expected: stages and tensors of graph");
    Tile beyond = new Tile(0, 0, List.of(0, 1), List.of(new Rows(2, new RowSpan(0, 17))), 0);
    assertThat(refusal(3, beyond)).contains("[0, 17)", "expected: within [0, 16)");
    assertThat(robot.kernels.open).hasValue(0);
  }

  private String refusal(int slot, Tile tile) throws InterruptedException {
    Plan wrong = new Plan(graph.hash(), Strategy.LOCAL, List.of("robot"), List.of(tile), 0, 0, true);
    return ((SourceEvent.Refused) deploy(new DeploymentId(slot, 1), wrong)).reason();
  }

  @Test
  void refusesAGraphThatThisDeviceDoesNotHave() throws Exception {
    OperatorGraph other = BoxGraph.chain(1, 1, 8, 1);
    SourceEvent.Refused refused = (SourceEvent.Refused) deploy(new DeploymentId(1, 1), BoxGraph.even(other, "robot"));
    assertThat(refused.reason()).contains(other.hash(), "expected: one of [" + graph.hash() + "]");
  }

  @Test
  void deploymentsEndWithTheirSource() throws Exception {
    ActorRef<SourceEvent> mortal = mortal();
    robot.host.deployments().tell(new Deployments.Deploy(new DeploymentId(1, 1), plan, "robot", mortal));
    robot.host.deployments().tell(new Deployments.Deploy(new DeploymentId(2, 1), plan, "robot", mortal));
    await().atMost(Device.PATIENCE).until(() -> robot.kernels.open.get() == 2 * plan.tiles().size());
    robot.infer(graph, BoxGraph.even(graph, "robot"), new DeploymentId(1, 1), new InferenceId(1, 1), TileActorTest.random(graph, 1))
        .toCompletableFuture().join();
    mortal.tell(new SourceEvent.Undeployed(new DeploymentId(0, 0), "die"));
    await().atMost(Device.PATIENCE).until(() -> robot.kernels.open.get() == 0);
  }

  private ActorRef<SourceEvent> mortal() {
    var behavior = Behaviors.receive(SourceEvent.class).onMessage(SourceEvent.Undeployed.class, e -> Behaviors.stopped())
        .onAnyMessage(e -> Behaviors.same()).build();
    return AskPattern.<SpawnProtocol.Command, ActorRef<SourceEvent>>ask(
            robot.system, to -> new SpawnProtocol.Spawn<>(behavior, "mortal", Props.empty(), to), Device.PATIENCE, robot.system.scheduler())
        .toCompletableFuture().join();
  }

  @Test
  void kernelsThatAreMadeForNobodyAreClosed() throws Exception {
    CompletableFuture<OperatorGraph> coming = new CompletableFuture<>();
    ActorRef<Deployments.Command> deployments = AskPattern.<SpawnProtocol.Command, ActorRef<Deployments.Command>>ask(
            robot.system, to -> new SpawnProtocol.Spawn<>(Deployments.create(robot.host, hash -> coming), "others", Props.empty(), to),
            Device.PATIENCE, robot.system.scheduler())
        .toCompletableFuture().join();
    deployments.tell(new Deployments.Deploy(new DeploymentId(1, 1), plan, "robot", robot.source));
    await().atMost(Device.PATIENCE).until(() -> coming.getNumberOfDependents() > 0);
    Patterns.gracefulStop(Adapter.toClassic(deployments), Device.PATIENCE).toCompletableFuture().join();
    coming.complete(graph);
    await().atMost(Device.PATIENCE).until(() -> robot.kernels.made.get() == plan.tiles().size() && robot.kernels.open.get() == 0);
  }

  @Test
  void tellsWhichTilesRanForAnInference() throws Exception {
    DeploymentId id = new DeploymentId(1, 1);
    robot.deploy(id, plan, robot);
    InferenceId inference = new InferenceId(1, 1);
    robot.infer(graph, plan, id, inference, TileActorTest.random(graph, 1)).toCompletableFuture().join();
    await().until(() -> robot.host.timings().of(inference).size() == plan.tiles().size());
    Deployments.Timings timings = AskPattern.<Deployments.Command, Deployments.Timings>ask(
            robot.host.deployments(), to -> new Deployments.ReportTimings(inference, to), Device.PATIENCE, robot.system.scheduler())
        .toCompletableFuture().join();
    assertThat(timings.runs()).extracting(TileTiming::tile).containsExactly(0, 1);
    assertThat(timings.runs()).allMatch(t -> t.queuedNanos() <= t.startNanos() && t.startNanos() <= t.endNanos() && t.endNanos() <= timings.nowNanos());
    robot.undeploy(id, robot);
  }
}
