package dev.tilestream.api;

import akka.japi.Pair;
import akka.stream.Attributes;
import akka.stream.Inlet;
import akka.stream.SinkShape;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractGraphStageWithMaterializedValue;
import akka.stream.stage.GraphStageLogic;
import akka.util.ByteString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * Pumps a request's bytes into a {@link Body}. When the body refuses, up to {@link #LINGER} more bytes are read and dropped: a client that is
 * still sending would otherwise see a reset connection instead of the answer.
 */
final class BodySink<T> extends AbstractGraphStageWithMaterializedValue<SinkShape<ByteString>, CompletionStage<T>> {
  static final long LINGER = 1 << 20;

  private final Inlet<ByteString> in = Inlet.create("body");
  private final SinkShape<ByteString> shape = SinkShape.of(in);
  private final Body<T> body;

  /** One sink is run once. */
  BodySink(Body<T> body) {
    this.body = body;
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

  private final class Pump extends GraphStageLogic {
    private final CompletableFuture<T> result;
    private Throwable refusal;
    private long dropped;

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
          finish();
        }

        @Override
        public void onUpstreamFailure(Throwable cause) {
          fail(refusal != null ? refusal : arriving(cause));
        }
      });
    }

    @Override
    public void preStart() {
      pull(in);
    }

    private void take(ByteString chunk) {
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
      body.abandon();
      result.completeExceptionally(cause);
      cancel(in, cause);
      completeStage();
    }

    /** A body that breaks off, is not chunked or compressed as it says: the client's doing, except for its taking too long, which has a status. */
    private Throwable arriving(Throwable cause) {
      return cause instanceof TimeoutException ? cause : ApiError.badRequest("body: %s", cause.getMessage());
    }

    /** Also runs when the whole server is torn down in the middle of a body. */
    @Override
    public void postStop() {
      if (result.isDone()) return;
      body.abandon();
      result.completeExceptionally(new IllegalStateException("request body: the server stopped while it arrived"));
    }
  }
}
