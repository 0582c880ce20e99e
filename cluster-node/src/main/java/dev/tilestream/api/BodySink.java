package dev.tilestream.api;

import akka.japi.Pair;
import akka.stream.Attributes;
import akka.stream.Inlet;
import akka.stream.SinkShape;
import akka.stream.stage.AbstractGraphStageWithMaterializedValue;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import akka.util.ByteString;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import scala.util.Failure;
import scala.util.Success;
import scala.util.Try;

/**
 * Pumps a request's bytes into a {@link Body}, from when there is one: until then the client is held back.
 *
 * <p>When the body refuses, what the client is still sending is read and dropped before the result fails: answering early closes the
 * connection, and a client that is still sending would see that instead of the answer. This lasts until the body ends, the client pauses,
 * or {@link #LINGER} bytes or {@link #LONGEST_LINGER} have passed.
 */
final class BodySink<T> extends AbstractGraphStageWithMaterializedValue<SinkShape<ByteString>, CompletionStage<T>> {
  static final long LINGER = 32 << 20;
  private static final Duration LONGEST_LINGER = Duration.ofSeconds(5);
  private static final Duration TICK = Duration.ofMillis(250);

  private final Inlet<ByteString> in = Inlet.create("body");
  private final SinkShape<ByteString> shape = SinkShape.of(in);
  private final CompletionStage<? extends Body<T>> coming;
  private final Duration patience;
  private final long leastRate;

  /**
   * One sink is run once.
   *
   * @param patience how long a client may send nothing; then the result fails with an {@link ApiError} 408
   * @param leastRate bytes a second that a client must send on average, beyond {@code patience}; else it fails likewise: a byte now and then
   *     would hold memory and a place for ever
   */
  BodySink(CompletionStage<? extends Body<T>> coming, Duration patience, long leastRate) {
    this.coming = coming;
    this.patience = patience;
    this.leastRate = leastRate;
  }

  @Override
  public SinkShape<ByteString> shape() {
    return shape;
  }

  @Override
  public Pair<GraphStageLogic, CompletionStage<T>> createLogicAndMaterializedValuePair(Attributes attributes) {
    CompletableFuture<T> result = new CompletableFuture<>();
    return Pair.create(new Pump(result), result);
  }

  private final class Pump extends TimerGraphStageLogic {
    private final CompletableFuture<T> result;
    private Body<T> body;
    private Throwable refusal;
    private boolean ended;
    private long arrived;
    private long dropped;
    private long arrivals;
    private long arrivalsBefore;
    private int ticks;
    private int quietTicks;
    private int lingerTicks;

    Pump(CompletableFuture<T> result) {
      super(shape);
      this.result = result;
      setHandler(in, new AbstractInHandler() {
        @Override
        public void onPush() {
          take(grab(in));
        }

        @Override
        public void onUpstreamFinish() {
          ended = true;
          if (body != null || refusal != null) finish();
        }

        @Override
        public void onUpstreamFailure(Throwable cause) {
          fail(refusal != null ? refusal : ApiError.badRequest("body: %s", cause.getMessage()));
        }
      });
    }

    @Override
    public void preStart() {
      // An empty body ends before there is something to take it.
      setKeepGoing(true);
      AsyncCallback<Try<Body<T>>> start = createAsyncCallback(this::start);
      coming.whenComplete((made, failure) -> start.invoke(failure == null ? new Success<>(made) : new Failure<>(failure)));
    }

    private void start(Try<Body<T>> made) {
      if (made.isSuccess()) body = made.get();
      else refusal = made.failed().get();
      if (ended) {
        finish();
        return;
      }
      scheduleWithFixedDelay("tick", TICK, TICK);
      pull(in);
    }

    private void take(ByteString chunk) {
      arrivals++;
      arrived += chunk.size();
      if (refusal == null) offer(chunk);
      else dropped += chunk.size();
      if (dropped <= LINGER) pull(in);
      else fail(refusal);
    }

    private void offer(ByteString chunk) {
      try {
        body.accept(chunk);
      } catch (RuntimeException e) {
        refusal = e;
        body.abandon();
      }
    }

    @Override
    public void onTimer(Object tick) {
      ticks++;
      quietTicks = arrivals == arrivalsBefore ? quietTicks + 1 : 0;
      arrivalsBefore = arrivals;
      if (refusal == null) {
        if (TICK.multipliedBy(quietTicks).compareTo(patience) >= 0) fail(ApiError.of(408, "body: nothing came for %s", patience));
        else if (tooSlow()) fail(ApiError.of(408, "body: %d bytes a second came (expected: %d)", rate(), leastRate));
      } else if (quietTicks > 0 || TICK.multipliedBy(++lingerTicks).compareTo(LONGEST_LINGER) >= 0) {
        fail(refusal);
      }
    }

    private boolean tooSlow() {
      Duration earned = Duration.ofMillis((long) (arrived * 1e3 / leastRate));
      return TICK.multipliedBy(ticks).compareTo(patience.plus(earned)) >= 0;
    }

    private long rate() {
      return arrived * 1000 / TICK.multipliedBy(ticks).toMillis();
    }

    private void finish() {
      if (refusal != null) {
        fail(refusal);
        return;
      }
      try {
        result.complete(body.finish());
        completeStage();
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    private void fail(Throwable cause) {
      if (body != null) body.abandon();
      result.completeExceptionally(cause);
      completeStage();
    }

    /** Also runs when the whole server is torn down in the middle of a body. */
    @Override
    public void postStop() {
      if (result.isDone()) return;
      if (body != null) body.abandon();
      result.completeExceptionally(new IllegalStateException("request body: the server stopped while it arrived"));
    }
  }
}
