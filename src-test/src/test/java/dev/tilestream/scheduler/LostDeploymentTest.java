package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.AddressTerminated;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.event.AddressTerminatedTopic;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.SourceEvent;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Of what source and devices say of deployments, some is lost, or comes to be untrue. */
class LostDeploymentTest extends SchedulerFixture {
  @Test
  void aDeployThatIsLostIsSaidAgain() throws IOException {
    TestDevice robot = pair();
    AtomicInteger said = new AtomicInteger();
    robot.peer(behind(robot, there -> Behaviors.receiveMessage(message -> {
      if (!(message instanceof Deployments.Deploy) || said.incrementAndGet() > 1) there.tell(message);
      return Behaviors.same();
    })));
    becomesEven(robot);
    assertThat(said).hasValueGreaterThan(1);
  }

  @Test
  void aDeployWhoseAnswerIsLostIsAnsweredAgain() throws IOException {
    TestDevice robot = pair();
    AtomicInteger answered = new AtomicInteger();
    AtomicReference<ActorRef<SourceEvent>> source = new AtomicReference<>();
    ActorRef<SourceEvent> hearing = spawn(robot, Behaviors.receiveMessage(event -> {
      if (!(event instanceof SourceEvent.Deployed) || answered.incrementAndGet() > 1) source.get().tell(event);
      return Behaviors.same();
    }));
    robot.peer(behind(robot, there -> Behaviors.receiveMessage(message -> {
      if (message instanceof Deployments.Deploy deploy) {
        source.set(deploy.source());
        there.tell(new Deployments.Deploy(deploy.id(), deploy.plan(), deploy.device(), hearing));
      } else there.tell(message);
      return Behaviors.same();
    })));
    becomesEven(robot);
    assertThat(answered).hasValueGreaterThan(1);
  }

  @Test
  void aSourceThatWasTakenForGoneDeploysAnew() throws IOException {
    TestDevice robot = pair();
    becomesEven(robot);
    int before = edge().kernels.opened.get();
    AddressTerminatedTopic.get(Adapter.toClassic(edge().system)).publish(new AddressTerminated(robot.system.address()));
    await().atMost(PATIENCE).until(() -> edge().kernels.opened.get() > before);
    becomesEven(robot);
  }

  /** Sooner than a deployment is given up. */
  private static void becomesEven(TestDevice robot) {
    await().atMost(PATIENCE).untilAsserted(() -> {
      answersRightly(robot.infer("small", inputs(5), Strategy.EVEN, PATIENCE), 5);
      assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge");
    });
  }

  /** The edge, but what is said to its deployments goes through {@code way}. */
  private Peer behind(TestDevice robot, Function<ActorRef<Deployments.Command>, Behavior<Deployments.Command>> way) {
    ActorRef<Deployments.Command> there = robot.peers.get("edge").deployments();
    return new Peer("edge", spawn(robot, way.apply(there)), () -> LinkEstimate.ofMegabits(1000, 0.1));
  }

  private static <T> ActorRef<T> spawn(TestDevice at, Behavior<T> behavior) {
    return AskPattern.<SpawnProtocol.Command, ActorRef<T>>ask(
        at.system, to -> new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), to), PATIENCE, at.system.scheduler()).toCompletableFuture().join();
  }
}
