package dev.tilestream.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.tilestream.tensor.wire.ControlMessage;
import java.util.LinkedHashMap;
import java.util.Map;

/** One stream's admission: so many of its requests may be under way, wherever they came in. Tensors never pass through here. */
public final class Session extends AbstractBehavior<Session.Command> {
  public sealed interface Command extends ControlMessage {}

  /** May request {@code ticket} begin? */
  public record Admit(String ticket, ActorRef<Admission> replyTo) implements Command {}

  /** Request {@code ticket} has ended. */
  public record Done(String ticket) implements Command {}

  /** @param underWay requests of the stream that are under way, this one included when admitted */
  public record Admission(boolean admitted, int underWay) implements ControlMessage {}

  private final SessionSettings settings;
  private final Map<String, Long> ticketEnds = new LinkedHashMap<>();

  private Session(ActorContext<Command> context, SessionSettings settings) {
    super(context);
    this.settings = settings;
  }

  public static Behavior<Command> create(SessionSettings settings) {
    return Behaviors.setup(context -> new Session(context, settings));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Admit.class, this::onAdmit).onMessage(Done.class, this::onDone).build();
  }

  private Behavior<Command> onAdmit(Admit message) {
    long now = System.nanoTime();
    ticketEnds.values().removeIf(end -> end - now < 0);
    boolean admitted = ticketEnds.size() < settings.window();
    if (admitted) ticketEnds.put(message.ticket, now + settings.ticketLife().toNanos());
    message.replyTo.tell(new Admission(admitted, ticketEnds.size()));
    return this;
  }

  private Behavior<Command> onDone(Done message) {
    ticketEnds.remove(message.ticket);
    return this;
  }
}
