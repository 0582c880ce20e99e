package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class UndeploymentsTest {
  private static final DeploymentId ID = new DeploymentId(7, 1);
  private static ActorTestKit kit;

  @BeforeAll
  static void start() {
    kit = ActorTestKit.create(ConfigFactory.load());
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  private final TestProbe<Deployments.Command> robot = kit.createTestProbe();
  private final TestProbe<Deployments.Command> edge = kit.createTestProbe();
  private final TestProbe<SourceEvent> events = kit.createTestProbe();
  private final Undeployments undeployments = new Undeployments(events.ref());

  @Test
  void aDeviceThatSaysNothingIsToldAgainUntilItConfirms() {
    Deployments.Undeploy message = new Deployments.Undeploy(ID, events.ref());
    undeployments.begin(ID, Map.of("robot", robot.ref(), "edge", edge.ref()), 0);
    robot.expectMessage(message);
    edge.expectMessage(message);
    undeployments.confirmed(new SourceEvent.Undeployed(ID, "robot"));
    undeployments.tick(Duration.ofSeconds(4).toNanos());
    undeployments.tick(Duration.ofSeconds(6).toNanos());
    edge.expectMessage(message);
    undeployments.confirmed(new SourceEvent.Undeployed(ID, "edge"));
    undeployments.tick(Duration.ofSeconds(20).toNanos());
    assertThat(undeployments.size()).isZero();
    robot.ref().tell(new Deployments.Undeploy(new DeploymentId(8, 1), events.ref()));
    robot.expectMessage(new Deployments.Undeploy(new DeploymentId(8, 1), events.ref()));
  }

  @Test
  void aDeviceThatNeverAnswersIsNotAskedForever() {
    undeployments.begin(ID, Map.of("edge", edge.ref()), 0);
    undeployments.tick(Duration.ofMinutes(11).toNanos());
    assertThat(undeployments.size()).isZero();
  }
}
