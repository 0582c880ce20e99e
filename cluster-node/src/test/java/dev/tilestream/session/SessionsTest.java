package dev.tilestream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tensor.wire.TensorMemory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real sharding on a cluster of one node; what runs behind it ends when the test says so. */
class SessionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private record Running(InferenceRequest request, CompletableFuture<InferenceAnswer> answer) {
    void end() {
      request.release();
      answer.complete(new InferenceAnswer("1", Map.of(), Strategy.LOCAL, List.of("robot"), Duration.ZERO,
          InferenceAnswer.Prediction.NONE, 0, true, List.of()));
    }
  }

  private static final Queue<Running> RUNNING = new ConcurrentLinkedQueue<>();
  private static ActorSystem<Void> system;
  private static Sessions sessions;
  private static BufferPool pool;

  @BeforeAll
  static void start() {
    system = ActorSystem.create(Behaviors.empty(), "tilestream", ConfigFactory.parseString("""
        akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        akka.cluster.run-coordinated-shutdown-when-down = off
        tilestream.session { window = 2, ask-timeout = 20s }
        """).withFallback(ConfigFactory.load()));
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    await().atMost(PATIENCE).until(() -> cluster.selfMember().status() == MemberStatus.up());
    pool = TensorMemory.of(system).pool();
    sessions = Sessions.start(system, "robot", SessionsTest::run);
  }

  @AfterAll
  static void stop() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }

  private static CompletionStage<InferenceAnswer> run(InferenceRequest request) {
    Running running = new Running(request, new CompletableFuture<>());
    RUNNING.add(running);
    return running.answer;
  }

  private static CompletableFuture<InferenceAnswer> infer(String model, String stream) {
    TensorSlice input = TensorSlice.allocate(pool, 0, DataType.FLOAT32, Shape.of(4), -1, TensorSlice.all(Shape.of(4), -1));
    return sessions.infer(new InferenceRequest(
        model, Optional.empty(), stream, Map.of("x", input), List.of(), Optional.empty(), Optional.empty(), false)).toCompletableFuture();
  }

  private static Running next() {
    await().atMost(PATIENCE).until(() -> !RUNNING.isEmpty());
    return RUNNING.poll();
  }

  @Test
  void aStreamHasItsWindowWhateverOthersDoAndRefusedRequestsGiveTheirMemoryBack() {
    for (String stream : List.of("", "camera-1")) {
      CompletableFuture<InferenceAnswer> first = infer("m", stream);
      Running one = next();
      infer("m", stream);
      Running two = next();
      assertThatThrownBy(() -> infer("m", stream).orTimeout(20, java.util.concurrent.TimeUnit.SECONDS).join())
          .isInstanceOf(CompletionException.class)
          .cause().isInstanceOfSatisfying(InferenceFailure.class, f -> assertThat(f.kind()).isEqualTo(InferenceFailure.Kind.BUSY));
      CompletableFuture<InferenceAnswer> elsewhere = infer("m", "camera-2");
      next().end();
      assertThat(elsewhere.join().devices()).containsExactly("robot");
      one.end();
      first.join();
      // The entity learns of the end a moment later.
      await().atMost(PATIENCE).untilAsserted(() -> {
        CompletableFuture<InferenceAnswer> again = infer("m", stream);
        await().atMost(PATIENCE).until(() -> again.isDone() || !RUNNING.isEmpty());
        assertThat(again).isNotCompletedExceptionally();
        next().end();
        again.join();
      });
      two.end();
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(pool.inUse()).isZero());
  }

  @Test
  void aFullStreamIsKnownBeforeARequestIsHandedInAndWhenItIsWorthToComeBack() {
    for (int i = 0; i < 4; i++) {
      CompletableFuture<InferenceAnswer> quick = infer("m", "camera-3");
      next().end();
      quick.join();
    }
    CompletableFuture<InferenceAnswer> first = infer("m", "camera-4");
    Running one = next();
    assertThat(sessions.refusal("m", "camera-4")).isEmpty();
    CompletableFuture<InferenceAnswer> second = infer("m", "camera-4");
    Running two = next();
    InferenceFailure refusal = sessions.refusal("m", "camera-4").orElseThrow();
    assertThat(refusal.kind()).isEqualTo(InferenceFailure.Kind.BUSY);
    assertThat(refusal.retryAfter()).isEqualTo(sessions.toServe(3)).isPositive();
    assertThat(infer("m", "camera-4")).as("at once").isCompletedExceptionally();
    assertThat(sessions.refusal("m", "camera-3")).isEmpty();
    one.end();
    two.end();
    first.join();
    second.join();
    assertThat(sessions.refusal("m", "camera-4")).isEmpty();
  }

  @Test
  void namesThatCouldPassForAnotherNodesStreamsAreRefused() {
    for (String name : List.of("edge~m", "a/b", "x".repeat(65), "a b")) {
      assertThatThrownBy(() -> infer("m", name).join())
          .cause().isInstanceOfSatisfying(InferenceFailure.class, f -> assertThat(f.kind()).isEqualTo(InferenceFailure.Kind.BAD_REQUEST));
    }
    assertThat(RUNNING).isEmpty();
  }
}
