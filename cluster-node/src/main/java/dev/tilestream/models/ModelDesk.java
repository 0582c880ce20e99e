package dev.tilestream.models;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.tilestream.blob.Blobs;
import dev.tilestream.repository.ModelId;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.wire.ControlMessage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Where other members ask this one about models. Everything is done by {@link ModelHost}; this only answers. */
public final class ModelDesk extends AbstractBehavior<ModelDesk.Command> {
  public sealed interface Command extends ControlMessage {}

  /**
   * Load this model; its file is at {@code from} if not here. Answered when it can be used, or with why not.
   *
   * @param decided when that was decided, as of {@link Decisions}
   */
  public record Install(ModelRecord model, ActorRef<Blobs.Command> from, long decided, ActorRef<Outcome> replyTo) implements Command {}

  /** Unload it; that was decided at {@code decided}. */
  public record Remove(String name, String version, long decided, ActorRef<Outcome> replyTo) implements Command {}

  /** These were unloaded, if you have not heard: by somebody who comes back, or whom you did not see then. No answer. */
  public record Hear(List<Unloading> unloaded) implements Command {}

  /** @param decided as in {@link Remove} */
  public record Unloading(String name, String version, long decided) {}

  /** Do you have it in your repository? */
  public record Find(String name, Optional<String> version, ActorRef<Found> replyTo) implements Command {}

  /** Which version of it have you loaded, the newest if none is named? */
  public record FindLoaded(String name, Optional<String> version, ActorRef<Loaded> replyTo) implements Command {}

  /** Import it for these input shapes; the answer comes once this device's profile is shared, an estimate at least. */
  public record Prepare(String sha256, Map<String, List<Integer>> shapes, ActorRef<Ready> replyTo) implements Command {}

  /**
   * @param failure empty when it went well
   * @param unloadedAt when it was unloaded, if that was after the load that failed for it; else 0
   */
  public record Outcome(String device, String failure, long unloadedAt) implements ControlMessage {
    Outcome(String device, Throwable failure) {
      this(device, failure == null ? "" : reason(failure), ModelHost.Unloaded.at(failure));
    }
  }

  /**
   * @param version empty when there is none
   * @param decided when its load was
   */
  public record Loaded(Optional<String> version, long decided) implements ControlMessage {}

  /** @param model empty when there is none */
  public record Found(Optional<ModelRecord> model) implements ControlMessage {}

  /**
   * @param graphHash what it is there; empty when it failed, for the reason given
   */
  public record Ready(String device, String graphHash, String failure) implements ControlMessage {}

  private final ModelHost host;

  private ModelDesk(ActorContext<Command> context, ModelHost host) {
    super(context);
    this.host = host;
  }

  public static Behavior<Command> create(ModelHost host) {
    // What can't be understood is its sender's bug: it gets no answer, everybody else still does.
    return Behaviors.<Command>supervise(Behaviors.setup(context -> new ModelDesk(context, host)))
        .onFailure(RuntimeException.class, SupervisorStrategy.resume());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Install.class, this::onInstall)
        .onMessage(Remove.class, this::onRemove)
        .onMessage(Hear.class, this::onHear)
        .onMessage(Find.class, this::onFind)
        .onMessage(FindLoaded.class, this::onFindLoaded)
        .onMessage(Prepare.class, this::onPrepare)
        .build();
  }

  private Behavior<Command> onInstall(Install message) {
    answer(host.install(message.model, message.from, message.decided), message.replyTo);
    return this;
  }

  private Behavior<Command> onRemove(Remove message) {
    answer(host.removeHere(new ModelId(message.name, message.version), message.decided), message.replyTo);
    return this;
  }

  private Behavior<Command> onHear(Hear message) {
    for (Unloading news : message.unloaded) host.hearUnloaded(new ModelId(news.name, news.version), news.decided);
    return this;
  }

  private Behavior<Command> onFind(Find message) {
    host.findHere(message.name, message.version)
        .whenComplete((found, failure) -> message.replyTo.tell(new Found(failure == null ? found : Optional.empty())));
    return this;
  }

  private Behavior<Command> onFindLoaded(FindLoaded message) {
    Optional<ModelId> id = host.loaded(message.name, message.version).map(loaded -> loaded.model().id());
    message.replyTo.tell(new Loaded(id.map(ModelId::version), id.map(host.decisions()::at).orElse(0L)));
    return this;
  }

  private Behavior<Command> onPrepare(Prepare message) {
    prepare(message)
        .whenComplete((measured, failure) -> message.replyTo.tell(
            failure == null
                ? new Ready(host.device(), measured.graph().hash(), "")
                : new Ready(host.device(), "", reason(failure))));
    return this;
  }

  private CompletionStage<GraphCache.Measured> prepare(Prepare message) {
    try {
      Map<String, Shape> shapes = new TreeMap<>();
      message.shapes.forEach((name, dims) -> shapes.put(name, Shape.of(dims.stream().mapToInt(Integer::intValue).toArray())));
      return host.prepareFor(message.sha256, shapes);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answer(CompletionStage<?> work, ActorRef<Outcome> replyTo) {
    work.whenComplete((done, failure) -> replyTo.tell(new Outcome(host.device(), failure)));
  }

  /** The message that says most, without the wrappings of futures. */
  static String reason(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
