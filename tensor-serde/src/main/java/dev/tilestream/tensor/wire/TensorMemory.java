package dev.tilestream.tensor.wire;

import akka.actor.AbstractExtensionId;
import akka.actor.ActorRef;
import akka.actor.AllDeadLetters;
import akka.actor.ClassicActorSystemProvider;
import akka.actor.ExtendedActorSystem;
import akka.actor.Extension;
import akka.actor.ExtensionId;
import akka.actor.ExtensionIdProvider;
import akka.actor.Props;
import akka.actor.setup.Setup;
import dev.tilestream.tensor.BufferPool;

/**
 * The native memory of one actor system: a {@link BufferPool} sized by {@code tilestream.memory}, the limits of {@code tilestream.wire},
 * and a listener that releases parcels which became dead letters. Starts with the system; its idle memory is freed when the system has
 * terminated, memory still held then when its holder releases it.
 *
 * <p>A system that is started with {@link Given} uses that pool instead of one of its own.
 */
public final class TensorMemory implements Extension {
  private static final Id ID = new Id();

  private final BufferPool pool;
  private final WireLimits limits;

  private TensorMemory(ExtendedActorSystem system) {
    WireSettings settings = WireSettings.from(system.settings().config());
    limits = settings.limits();
    BufferPool given = system.settings().setup().get(Given.class).map(Given::pool).orElse(null);
    pool = given != null ? given : BufferPool.bounded(settings.memoryBytes(), settings.idleBytes());
    if (given == null) system.registerOnTermination(pool::close);
    // Subscribed here and not by itself, so that not even the first dead letter is missed.
    ActorRef lost = system.systemActorOf(Props.create(LostParcels.class, LostParcels::new), "tilestream-lost-parcels");
    system.eventStream().subscribe(lost, AllDeadLetters.class);
  }

  /** That of a classic or typed actor system. */
  public static TensorMemory of(ClassicActorSystemProvider system) {
    return ID.get(system);
  }

  /** Where all tensors of this system live. Not to be closed by callers. */
  public BufferPool pool() {
    return pool;
  }

  public WireLimits limits() {
    return limits;
  }

  /** Starts a system with a pool that outlives it, as several systems of one process share it. The pool stays its owner's. */
  public static final class Given extends Setup {
    private final BufferPool pool;

    public Given(BufferPool pool) {
      this.pool = pool;
    }

    BufferPool pool() {
      return pool;
    }
  }

  /** How Akka finds the extension; named in {@code reference.conf}. */
  public static final class Id extends AbstractExtensionId<TensorMemory> implements ExtensionIdProvider {
    @Override
    public TensorMemory createExtension(ExtendedActorSystem system) {
      return new TensorMemory(system);
    }

    @Override
    public ExtensionId<? extends Extension> lookup() {
      return ID;
    }
  }
}
