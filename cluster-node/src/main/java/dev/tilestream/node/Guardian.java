package dev.tilestream.node;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.blob.Blobs;
import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.membership.Addresses;
import dev.tilestream.membership.MembershipSettings;
import dev.tilestream.membership.Reunion;
import dev.tilestream.models.ClusterModels;
import dev.tilestream.models.Decisions;
import dev.tilestream.models.Desk;
import dev.tilestream.models.LoggedModels;
import dev.tilestream.models.ModelDesk;
import dev.tilestream.models.ModelHost;
import dev.tilestream.models.ModelImport;
import dev.tilestream.models.PreparedModels;
import dev.tilestream.repository.ModelCache;
import dev.tilestream.repository.ModelRepository;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.Peer;
import dev.tilestream.scheduler.SchedulerActor;
import dev.tilestream.scheduler.SchedulerSettings;
import dev.tilestream.scheduler.SourceRuntime;
import dev.tilestream.tile.LinkReport;
import dev.tilestream.tile.Links;
import dev.tilestream.tile.TileHost;
import dev.tilestream.tile.TileSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The actors of a node and who knows whom. Everything that belongs to one start of a node is made here. */
final class Guardian extends AbstractBehavior<Guardian.Command> {
  sealed interface Command {}

  private record Neighbours(Map<String, Neighbour> now) implements Command {}

  private record Report(LinkReport report) implements Command {}

  private record Leaves(String name) implements Command {}

  private enum Turn implements Command {
    ASK_LINKS,
    OBSERVE,
    LEAVE
  }

  /**
   * What the node hands to its faces.
   *
   * @param scheduler takes inferences
   * @param joules that this device has drawn so far, where it has sensors
   * @param restored completes when the models that were loaded before this start are loaded again, as far as they can be
   */
  record Parts(ActorRef<SchedulerActor.Command> scheduler, ModelHost host, ClusterModels models, TileHost tiles,
      Supplier<OptionalDouble> joules, CompletionStage<Void> restored) {}

  /** What a start needs besides the actor system. */
  record Ingredients(
      NodeSettings settings, TileSettings tiles, Kernels kernels, ModelRepository repository, ModelCache cache, NodeLimits limits,
      NodeMetrics metrics, Optional<LoggedModels> logged) {}

  /** Plans follow the air as fast as links tell of it. */
  private static final Duration LINK_REPORTS = Duration.ofMillis(100);
  private static final Duration OBSERVATIONS = Duration.ofMillis(250);

  private final NodeSettings settings;
  private final MemberView view;
  private final TileHost tiles;
  private final LinkBook links;
  private final ActorRef<SchedulerActor.Command> scheduler;
  private final ClusterModels models;
  private final DeviceProfiles profiles;
  private final ActorRef<LinkReport> reports;
  private final NodeMetrics metrics;
  /** Members, those included whose link is silent; only their links know of them then. */
  private Map<String, Neighbour> members = Map.of();
  private final Set<String> silent = new HashSet<>();
  /** Members that have said that they leave: what they still compute is waited for, but they get nothing more to do. */
  private final Set<String> leaving = new HashSet<>();
  private final ActorRef<Membership.Command> membership;

  private Guardian(
      ActorContext<Command> context, TimerScheduler<Command> timers, Ingredients with, MemberView view, CompletableFuture<Parts> started,
      Consumer<Set<Address>> goOver) {
    super(context);
    context.setLoggerName(Guardian.class);
    this.settings = with.settings();
    this.view = view;
    metrics = with.metrics();
    var system = context.getSystem();
    Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    NodeLimits limits = with.limits();
    links = new LinkBook(with.tiles().link().emulation(), limits.assumedBytesPerSecond());
    CompletableFuture<ModelHost> hosting = new CompletableFuture<>();
    tiles = TileHost.start(context, settings.name(), with.tiles(), with.kernels(), hash -> hosting.thenCompose(h -> h.graph(hash)));
    profiles = DeviceProfiles.start(context, with, tiles);
    ModelImport importing = new ModelImport(
        limits.cacheDirectory().resolve("graphs"), new ModelImport.CacheBounds(limits.imports(), limits.importBytes()), limits.isolation(),
        profiles.own(), with.logged());
    Decisions decisions = Decisions.of(limits.cacheDirectory().resolve("decisions"), settings.name(), settings.repository());
    ModelHost host = new ModelHost(settings.name(), with.repository(), with.cache(), importing, decisions, blocking);
    PreparedModels prepared =
        new PreparedModels(host, system, limits.peerPatience(), view::desks, profiles.shared(), profiles::flush);
    hosting.complete(host);
    ActorRef<Blobs.Command> blobs = context.spawn(Blobs.create(with.cache(), host::file), "blobs", DispatcherSelector.blocking());
    host.pullThrough(blobs);
    ActorRef<ModelDesk.Command> desk = context.spawn(ModelDesk.create(host), "models");
    SourceRuntime source = new SourceRuntime(
        settings.name(), new SecureRandom().nextLong(), tiles.deployments(), tiles.joins(), tiles.ledgers(), tiles.courier(), tiles.pool(),
        blocking);
    scheduler = context.spawn(SchedulerActor.create(source, prepared, SchedulerSettings.from(system.settings().config())), "scheduler");
    profiles.shared().listen(profile -> scheduler.tell(new SchedulerActor.ProfileChanged(profile)));
    host.whenRemoved(sha256 -> scheduler.tell(new SchedulerActor.ModelRemoved(sha256)));
    models = new ClusterModels(host, prepared, system, limits.peerPatience(), view::desks, blobs, this::warmUp);
    reports = context.messageAdapter(LinkReport.class, Report::new);
    timers.startTimerWithFixedDelay(Turn.ASK_LINKS, LINK_REPORTS);
    timers.startTimerWithFixedDelay(Turn.OBSERVE, OBSERVATIONS);
    ActorRef<Command> self = context.getSelf();
    membership = context.spawn(
        Membership.create(
            me -> new Neighbour(settings.name(), settings.role(), me, tiles.deployments(), tiles.inbox(), desk, blobs),
            neighbours -> self.tell(new Neighbours(neighbours)), name -> self.tell(new Leaves(name))),
        "membership");
    Duration look = MembershipSettings.from(system.settings().config()).lookEvery();
    context.spawn(Reunion.create(settings.seeds().stream().map(Addresses::of).toList(), look, goOver), Reunion.NAME);
    CompletionStage<Void> restored = models.restore();
    started.complete(new Parts(scheduler, host, models, tiles, profiles::joules, restored));
  }

  /** Have the others told that this node leaves. */
  static Command leave() {
    return Turn.LEAVE;
  }

  /** @param goOver called when this node should join the cluster of those members, as new */
  static Behavior<Command> create(
      Ingredients with, MemberView view, CompletableFuture<Parts> started, Consumer<Set<Address>> goOver) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Guardian(context, timers, with, view, started, goOver)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Neighbours.class, this::onNeighbours)
        .onMessageEquals(Turn.ASK_LINKS, this::onAskLinks)
        .onMessageEquals(Turn.OBSERVE, this::onObserve)
        .onMessageEquals(Turn.LEAVE, this::onLeave)
        .onMessage(Leaves.class, this::onLeaves)
        .onMessage(Report.class, this::onReport)
        .build();
  }

  private CompletionStage<?> warmUp(LoadedModel model) {
    return ModelHost.fixedShapes(model)
        .map(shapes -> {
          CompletableFuture<Void> done = new CompletableFuture<>();
          scheduler.tell(new SchedulerActor.WarmUp(model.usual(), shapes, done));
          return done;
        })
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  private Behavior<Command> onNeighbours(Neighbours message) {
    Map<String, Neighbour> before = members;
    members = message.now;
    members.forEach((name, neighbour) -> {
      if (!neighbour.equals(before.get(name))) asNew(name);
      tiles.links().tell(new Links.Connect(name, neighbour.inbox()));
    });
    before.keySet().stream().filter(name -> !members.containsKey(name)).forEach(this::gone);
    publish();
    return this;
  }

  private void asNew(String name) {
    silent.remove(name);
    leaving.remove(name);
  }

  private void gone(String name) {
    asNew(name);
    links.forget(name);
    metrics.linkGone(name);
    tiles.links().tell(new Links.Disconnect(name));
  }

  /** Who answers is a neighbour. A member that has fallen silent gets nothing to do until its link is answered again. */
  private void publish() {
    Map<String, Neighbour> before = view.neighbours();
    Map<String, Neighbour> now = new HashMap<>(members);
    now.keySet().removeAll(silent);
    now.keySet().removeAll(leaving);
    if (now.equals(before)) return;
    view.neighbours(now);
    metrics.neighbours(now.size());
    Map<String, Peer> peers = new HashMap<>();
    now.forEach((name, neighbour) -> peers.put(name, new Peer(
        name, neighbour.deployments(), () -> links.estimate(name), () -> profiles.shared().load(name))));
    scheduler.tell(new SchedulerActor.PeersChanged(peers));
    Map<String, Desk> newcomers = new HashMap<>(view.desks());
    newcomers.keySet().removeIf(name -> now.get(name).equals(before.get(name)));
    if (!newcomers.isEmpty())
      models.agree(newcomers).whenComplete((done, failure) -> scheduler.tell(new SchedulerActor.Refresh()));
  }

  private Behavior<Command> onLeave() {
    membership.tell(Membership.leave());
    return this;
  }

  private Behavior<Command> onLeaves(Leaves message) {
    if (members.containsKey(message.name) && leaving.add(message.name)) publish();
    return this;
  }

  private Behavior<Command> onAskLinks() {
    tiles.links().tell(new Links.ReportLinks(reports));
    return this;
  }

  private Behavior<Command> onObserve() {
    metrics.nativeMemory(tiles.pool().inUse());
    profiles.tick(metrics);
    return this;
  }

  private Behavior<Command> onReport(Report message) {
    LinkReport report = message.report;
    if (!members.containsKey(report.peer())) return this;
    links.note(report);
    metrics.link(report.peer(), report.bytesPerSecond(), report.queuedBytes());
    boolean changed = report.silent() ? silent.add(report.peer()) : silent.remove(report.peer());
    if (!changed) return this;
    String news = report.silent() ? "does not answer: it gets no work until it does" : "answers again";
    getContext().getLog().warn("{} {}", report.peer(), news);
    publish();
    return this;
  }
}
