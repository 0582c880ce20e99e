package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceFailure.Kind;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnstileTest {
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final BufferPool pool = BufferPool.bounded(1 << 20, 0);
  private final Turnstile turnstile = new Turnstile("robot-1", 2, PATIENCE);

  /** Answers when it is told to; releases inputs as every service does. */
  private static final class Service implements InferenceService {
    private final List<CompletableFuture<InferenceAnswer>> asked = new ArrayList<>();

    @Override
    public CompletionStage<InferenceAnswer> infer(InferenceRequest request) {
      CompletableFuture<InferenceAnswer> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer.whenComplete((done, failure) -> request.release());
    }
  }

  private static final InferenceAnswer ANSWER = new InferenceAnswer(
      "1", Map.of(), Strategy.LOCAL, List.of("robot-1"), Duration.ZERO, InferenceAnswer.Prediction.NONE, 0, true,
      List.of());

  private InferenceRequest request(Optional<Duration> deadline) {
    Shape shape = Shape.of(1, 1, 2, 2);
    TensorSlice x = TensorSlice.allocate(pool, 0, DataType.FLOAT32, shape, 2, TensorSlice.all(shape, 2));
    return new InferenceRequest("m", Optional.empty(), "", Map.of("x", x), List.of(), Optional.empty(), deadline, false);
  }

  private CompletableFuture<InferenceAnswer> ask() {
    return turnstile.infer(request(Optional.empty())).toCompletableFuture();
  }

  @AfterEach
  void everyInputIsReleased() {
    assertThat(pool.inUse()).isZero();
  }

  private static void isRefused(CompletableFuture<InferenceAnswer> answer, Kind kind) {
    assertThatThrownBy(answer::join).isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(InferenceFailure.class).cause().extracting(f -> ((InferenceFailure) f).kind()).isEqualTo(kind);
  }

  @Test
  void aRequestThatComesWhileNobodyServesWaitsForTheNext() {
    CompletableFuture<InferenceAnswer> answer = ask();
    Service service = new Service();
    turnstile.open(service);
    assertThat(answer).isNotDone();
    service.asked.get(0).complete(ANSWER);
    assertThat(answer.join()).isSameAs(ANSWER);
  }

  @Test
  void whatOneServiceCannotFinishAnyMoreIsAskedOfTheNext() {
    Service before = new Service();
    Service after = new Service();
    turnstile.open(before);
    CompletableFuture<InferenceAnswer> answer = ask();
    turnstile.hold();
    before.asked.get(0).completeExceptionally(new InferenceFailure(Kind.BUSY, "this node stops"));
    assertThat(answer).isNotDone();
    turnstile.open(after);
    after.asked.get(0).complete(ANSWER);
    assertThat(answer.join()).isSameAs(ANSWER);
  }

  @Test
  void aRefusalOfTheServiceThatIsOpenIsTheAnswer() {
    Service service = new Service();
    turnstile.open(service);
    CompletableFuture<InferenceAnswer> answer = ask();
    service.asked.get(0).completeExceptionally(new InferenceFailure(Kind.BUSY, "full"));
    isRefused(answer, Kind.BUSY);
  }

  @Test
  void aWrongRequestIsNotAskedAgain() {
    Service service = new Service();
    turnstile.open(service);
    CompletableFuture<InferenceAnswer> answer = ask();
    turnstile.hold();
    service.asked.get(0).completeExceptionally(new InferenceFailure(Kind.BAD_REQUEST, "no such input"));
    isRefused(answer, Kind.BAD_REQUEST);
  }

  @Test
  void holdingCompletesWhenTheLastInsideHasEnded() {
    Service service = new Service();
    turnstile.open(service);
    ask();
    ask();
    CompletionStage<Void> empty = turnstile.hold();
    service.asked.get(0).complete(ANSWER);
    assertThat(empty.toCompletableFuture()).isNotDone();
    service.asked.get(1).complete(ANSWER);
    assertThat(empty.toCompletableFuture()).isDone();
  }

  @Test
  void onlySoManyWait() {
    CompletableFuture<InferenceAnswer> first = ask();
    CompletableFuture<InferenceAnswer> second = ask();
    isRefused(ask(), Kind.BUSY);
    turnstile.close();
    isRefused(first, Kind.BUSY);
    isRefused(second, Kind.BUSY);
  }

  @Test
  void nobodyWaitsLongerThanItsDeadlineOrThePatience() {
    isRefused(turnstile.infer(request(Optional.of(Duration.ofMillis(20)))).toCompletableFuture(), Kind.LATE);
    isRefused(ask(), Kind.BUSY);
  }

  @Test
  void afterClosingEverybodyIsRefusedAndWhatIsInsideIsAnswered() {
    Service service = new Service();
    turnstile.open(service);
    CompletableFuture<InferenceAnswer> inside = ask();
    turnstile.close();
    isRefused(ask(), Kind.BUSY);
    service.asked.get(0).complete(ANSWER);
    assertThat(inside.join()).isSameAs(ANSWER);
  }
}
