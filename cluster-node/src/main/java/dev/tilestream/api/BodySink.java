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
 * Pumps a request's bytes into a {@link Body}. When the body refuses, that is told at once, but up to {@link #LINGER} more bytes are read and
 * dropped: a client that is still sending would otherwise see a broken connection instead of the answer.
 */
final class BodySink<T> extends AbstractGraphStageWithMaterializedValue<SinkShape<ByteString>, CompletionStage<T>> {
  private static final long LINGER = 32 << 20;

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
    private boolean refused;
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
          refuse(arriving(cause));
          completeStage();
        }
      });
    }

    @Override
    public void preStart() {
      pull(in);
    }

    private void take(ByteString chunk) {
      if (refused) dropped += chunk.size();
      else offer(chunk);
      if (dropped <= LINGER) pull(in);
      else completeStage();
    }

    private void offer(ByteString chunk) {
      try {
        body.accept(chunk);
      } catch (RuntimeException e) {
        refuse(e);
      }
    }

    private void finish() {
      if (!refused) {
        try {
          result.complete(body.finish());
        } catch (RuntimeException e) {
          refuse(e);
        }
      }
      completeStage();
    }

    private void refuse(Throwable cause) {
      if (refused) return;
      refused = true;
      body.abandon();
      result.completeExceptionally(cause);
    }

    /** A body that breaks off, is not chunked or compressed as it says: the client's doing, except for its taking too long, which has a status. */
    private Throwable arriving(Throwable cause) {
      return cause instanceof TimeoutException ? cause : ApiError.badRequest("body: %s", cause.getMessage());
    }

    /** Also runs when the whole server is torn down in the middle of a body. */
    @Override
    public void postStop() {
      if (!result.isDone()) refuse(new IllegalStateException("request body: the server stopped while it arrived"));
    }
  }
}
