package dev.tilestream.node;

import akka.actor.AbstractExtensionId;
import akka.actor.ClassicActorSystemProvider;
import akka.actor.ExtendedActorSystem;
import akka.actor.Extension;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What the probes of Akka Management are told. Until the node says otherwise it is alive, and not ready. Thread-safe. */
public final class NodeHealth implements Extension {
  private static final Id ID = new Id();

  private volatile BooleanSupplier ready = () -> false;

  private NodeHealth() {}

  static NodeHealth of(ClassicActorSystemProvider system) {
    return ID.get(system);
  }

  /** From now on, {@code now} is asked. */
  void ready(BooleanSupplier now) {
    ready = now;
  }

  private static final class Id extends AbstractExtensionId<NodeHealth> {
    @Override
    public NodeHealth createExtension(ExtendedActorSystem system) {
      return new NodeHealth();
    }
  }

  /** {@code /ready}. Made by Akka Management, by the name in application.conf. */
  public static final class Ready implements Supplier<CompletionStage<Boolean>> {
    private final NodeHealth health;

    public Ready(akka.actor.ActorSystem system) {
      health = of(system);
    }

    @Override
    public CompletionStage<Boolean> get() {
      return CompletableFuture.completedFuture(health.ready.getAsBoolean());
    }
  }

  /** {@code /alive}: a system that has ended answers nothing. Made as {@link Ready}. */
  public static final class Alive implements Supplier<CompletionStage<Boolean>> {
    private final akka.actor.ActorSystem system;

    public Alive(akka.actor.ActorSystem system) {
      this.system = system;
    }

    @Override
    public CompletionStage<Boolean> get() {
      return CompletableFuture.completedFuture(!system.whenTerminated().isCompleted());
    }
  }
}
