package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.tile.Deployments;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What other devices fail to deliver, the source computes; the answer is right and there in time. */
class TakeoverTest extends SchedulerFixture {
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
  void whatIsComputedHereInVainDoesNotCostTheAnswerOfALatePeer() throws IOException {
    TestDevice robot = pair("tilestream.scheduler { late-floor = 60ms, late-cold = 60ms, suspect-for = 1ms }");
    // Nobody stands by for the first ones: they are computed as a whole.
    for (int i = 0; i < 4; i++) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.OFFLOAD)).contains("edge"));
      edge().kernels.shut();
      robot.kernels.breakDown(new IllegalStateException("no memory for that as well"));
      int before = robot.kernels.arrived.get();
      CompletableFuture<InferenceAnswer> answer = robot.infer("small", inputs(8), Strategy.OFFLOAD, PATIENCE);
      await().atMost(PATIENCE).until(() -> robot.kernels.arrived.get() > before);
      await().during(Duration.ofMillis(150)).atMost(PATIENCE).until(() -> !answer.isDone());
      edge().kernels.letThrough();
      answersRightly(answer, 8);
      robot.kernels.mend();
    }
  }

  @Test
  void nobodyWaitsForAPlanOfWhichAPartFailedHereAsWell() throws IOException {
    TestDevice robot = pair("tilestream.scheduler { late-floor = 60ms, late-cold = 60ms, suspect-for = 1ms }");
    for (int i = 0; i < 3; i++) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(devicesOf(robot, Strategy.EVEN)).containsExactly("robot", "edge"));
      edge().kernels.shut();
      robot.kernels.shut();
      CompletableFuture<InferenceAnswer> answer = robot.infer("small", inputs(9), Strategy.EVEN, PATIENCE.multipliedBy(3));
      await().during(Duration.ofMillis(400)).atMost(PATIENCE).until(() -> !answer.isDone());
      robot.kernels.breakDown(new IllegalStateException("no memory for anything"));
      robot.kernels.letThrough();
      failsAs(answer, InferenceFailure.Kind.BROKEN, "no memory for anything");
      edge().kernels.letThrough();
      robot.kernels.mend();
    }
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
}
