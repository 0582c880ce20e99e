package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.wire.TensorMemory;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * What one device has to run tiles. {@link #start} spawns its actors under the guardian, at paths that peers rely on:
 *
 * <ul>
 *   <li>{@code /user/deployments}: {@link Deployments}
 *   <li>{@code /user/parcels}: {@link Inbox}; its children take the tensors, so {@code
 *       akka.remote.artery.large-message-destinations} must be {@code ["/user/parcels/*"]} on all nodes
 *   <li>{@code /user/links}: {@link Links}
 * </ul>
 */
public final class TileHost {
  /** Name of the {@link Deployments} actor. */
  public static final String DEPLOYMENTS = "deployments";

  /** Name of the {@link Inbox} actor. */
  public static final String PARCELS = "parcels";

  /** Name of the {@link Links} actor. */
  public static final String LINKS = "links";

  private final String device;
  private final TileSettings settings;
  private final Kernels kernels;
  private final BufferPool pool;
  private final ComputeLane lane;
  private final Groups groups;
  private final Seniority seniority = new Seniority();
  private final TimingLog timings = new TimingLog();
  private final Inboxes tiles = new Inboxes();
  private final Joins joins;
  private final Ledgers ledgers = new Ledgers(tiles);
  private final Courier courier;
  private final EmulatedAir air;
  private ActorRef<Deployments.Command> deployments;
  private ActorRef<Inbox.Command> inbox;
  private ActorRef<Links.Command> links;

  private TileHost(String device, TileSettings settings, Kernels kernels, BufferPool pool, Executor background) {
    this.device = device;
    this.settings = settings;
    this.kernels = kernels;
    this.pool = pool;
    lane = new ComputeLane(settings.lane());
    groups = new Groups(settings.lane(), background);
    joins = new Joins(pool);
    courier = new Courier(device, tiles, joins, ledgers);
    air = new EmulatedAir(settings.link().emulation());
  }

  /**
   * @param guardian the actors become its children; the lane ends when its system has terminated
   * @param device name of this device in plans
   * @param graphs finds the graph of a hash, importing it if need be; fails when this device does not have the model
   * @param kernels stays the caller's, to be closed after the system has terminated
   */
  public static TileHost start(
      ActorContext<?> guardian, String device, TileSettings settings, Kernels kernels, Function<String, CompletionStage<OperatorGraph>> graphs) {
    Executor background = guardian.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    TileHost host = new TileHost(device, settings, kernels, TensorMemory.of(guardian.getSystem()).pool(), background);
    host.deployments = guardian.spawn(Deployments.create(host, graphs), DEPLOYMENTS);
    host.inbox = guardian.spawn(Inbox.create(host), PARCELS);
    host.links = guardian.spawn(Links.create(host), LINKS);
    guardian.getSystem().getWhenTerminated().thenRun(host::stop);
    return host;
  }

  private void stop() {
    lane.close();
    air.close();
  }

  /** Name of this device in plans. */
  public String device() {
    return device;
  }

  public TileSettings settings() {
    return settings;
  }

  Kernels kernels() {
    return kernels;
  }

  /** The system's {@link TensorMemory}. */
  public BufferPool pool() {
    return pool;
  }

  public ComputeLane lane() {
    return lane;
  }

  Groups groups() {
    return groups;
  }

  public Seniority seniority() {
    return seniority;
  }

  public TimingLog timings() {
    return timings;
  }

  public Inboxes tiles() {
    return tiles;
  }

  public Joins joins() {
    return joins;
  }

  public Ledgers ledgers() {
    return ledgers;
  }

  public Courier courier() {
    return courier;
  }

  EmulatedAir air() {
    return air;
  }

  public ActorRef<Deployments.Command> deployments() {
    return deployments;
  }

  public ActorRef<Inbox.Command> inbox() {
    return inbox;
  }

  public ActorRef<Links.Command> links() {
    return links;
  }
}
