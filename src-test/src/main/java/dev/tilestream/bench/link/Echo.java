package dev.tilestream.bench.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tensor.wire.ControlMessage;
import dev.tilestream.tile.TileHost;
import java.time.Duration;
import java.util.List;

/** At the far end: answers small messages, and says when a tensor is there. Both go the way of all control messages. */
final class Echo extends AbstractBehavior<Echo.Command> {
  sealed interface Command {}

  /** Answered at once. */
  record Ping(long sentNanos, ActorRef<Answer> replyTo) implements Command, ControlMessage {}

  /** Answered with {@link Ready}, and with {@link There} once so many rows of 4 KiB have come for that inference. */
  record Expect(long sequence, int rows, ActorRef<Answer> replyTo) implements Command, ControlMessage {}

  private record Came(There there, ActorRef<Answer> replyTo) implements Command {}

  sealed interface Answer {}

  record Pong(long sentNanos) implements Answer, ControlMessage {}

  record Ready(long sequence) implements Answer, ControlMessage {}

  record There(long sequence) implements Answer, ControlMessage {}

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TileHost host;
  private final Delay delay;

  private Echo(ActorContext<Command> context, TileHost host, Delay delay) {
    super(context);
    this.host = host;
    this.delay = delay;
  }

  static Behavior<Command> create(TileHost host, Delay delay) {
    return Behaviors.setup(context -> new Echo(context, host, delay));
  }

  static InferenceId inference(long sequence) {
    return new InferenceId(1, sequence);
  }

  static Shape shape(int rows) {
    return Shape.of(rows, 1024);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ping.class, this::onPing)
        .onMessage(Expect.class, this::onExpect)
        .onMessage(Came.class, this::onCame)
        .build();
  }

  private Behavior<Command> onPing(Ping ping) {
    delay.run(() -> ping.replyTo().tell(new Pong(ping.sentNanos())));
    return this;
  }

  private Behavior<Command> onExpect(Expect expect) {
    Tensor tensor = new Tensor(0, "t", Tensor.Kind.VALUE, DataType.FLOAT32, shape(expect.rows()), 0);
    ActorRef<Command> self = getContext().getSelf();
    host.joins().open(inference(expect.sequence()), List.of(tensor), PATIENCE).thenAccept(slices -> {
      slices.forEach(TensorSlice::release);
      self.tell(new Came(new There(expect.sequence()), expect.replyTo()));
    });
    expect.replyTo().tell(new Ready(expect.sequence()));
    return this;
  }

  private Behavior<Command> onCame(Came came) {
    delay.run(() -> came.replyTo().tell(came.there()));
    return this;
  }
}
