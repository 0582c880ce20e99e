package dev.tilestream.node;

import akka.actor.Address;
import akka.actor.BootstrapSetup;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.Cluster;
import akka.cluster.Member;
import com.typesafe.config.Config;
import dev.tilestream.api.ApiBackend;
import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.membership.Addresses;
import dev.tilestream.membership.Joining;
import dev.tilestream.membership.MembershipSettings;
import dev.tilestream.models.LoggedKernels;
import dev.tilestream.models.LoggedModels;
import dev.tilestream.repository.ModelCache;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.repository.ModelRepository;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.PlanReport;
import dev.tilestream.scheduler.SchedulerActor;
import dev.tilestream.scheduler.power.EnergyShares;
import dev.tilestream.security.SeedProbe;
import dev.tilestream.session.Sessions;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.wire.TensorMemory;
import dev.tilestream.tile.TileSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One start of a member: an actor system and its place in the cluster, until it stops or is to join another one. */
final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration START = Duration.ofSeconds(30);
  /** For models that were loaded before, when requests wait for it. */
  private static final Duration RESTORE = Duration.ofSeconds(10);
  /** For news of its leaving to come to all. */
  private static final Duration ANNOUNCING = Duration.ofMillis(300);
  private static final Duration POLL = Duration.ofMillis(20);

  /**
   * How this start came to be.
   *
   * @param again whether it served in this process before, so that it serves at once, by itself, while it seeks the others
   * @param known members of the cluster that it should join
   * @param pause before it joins
   */
  record Entry(boolean again, Set<Address> known, Duration pause) {
    static final Entry FIRST = new Entry(false, Set.of(), Duration.ZERO);
  }

  private final ActorSystem<Guardian.Command> system;
  private final Kernels kernels;
  private final Guardian.Parts parts;
  private final MembershipSettings membership;
  private final MemberView view;
  private final ApiBackend backend;
  private final CompletableFuture<Set<Address>> over;
  private boolean announced;

  private Node(
      ActorSystem<Guardian.Command> system, Kernels kernels, Guardian.Parts parts, MembershipSettings membership, MemberView view,
      ApiBackend backend, CompletableFuture<Set<Address>> over) {
    this.system = system;
    this.kernels = kernels;
    this.parts = parts;
    this.membership = membership;
    this.view = view;
    this.backend = backend;
    this.over = over;
  }

  /**
   * Starts its actors and its way into the cluster. Returns when {@link #backend} can be asked; a start that follows another then has the
   * models that the one before had.
   *
   * @param pool of all tensors; outlives this start
   */
  static Node start(NodeSettings settings, Config config, NodeMetrics metrics, BufferPool pool, Entry entry) {
    NodeLimits limits = NodeLimits.from(config);
    Optional<LoggedModels> logged = limits.loggedModels()
        ? Optional.of(new LoggedModels(settings.name(), settings.role() == NodeSettings.Role.ROBOT))
        : Optional.empty();
    Kernels computing = Kernels.of(KernelSettings.from(config));
    Kernels kernels = logged.<Kernels>map(models -> new LoggedKernels(models, computing)).orElse(computing);
    try {
      Guardian.Ingredients with = ingredients(settings, config, limits, kernels, metrics, logged);
      return start(config, pool, entry, with);
    } catch (RuntimeException e) {
      kernels.close();
      throw e;
    }
  }

  private static Node start(Config config, BufferPool pool, Entry entry, Guardian.Ingredients with) {
    MemberView view = new MemberView();
    CompletableFuture<Guardian.Parts> started = new CompletableFuture<>();
    CompletableFuture<Set<Address>> over = new CompletableFuture<>();
    ActorSystem<Guardian.Command> system = ActorSystem.create(
        Guardian.create(with, view, started, over::complete), Addresses.SYSTEM,
        BootstrapSetup.create(config).and(new TensorMemory.Given(pool)));
    try {
      return join(entry, with, view, system, started.orTimeout(START.toMillis(), TimeUnit.MILLISECONDS).join(), over);
    } catch (RuntimeException e) {
      // Whoever tries again finds the ports free.
      system.terminate();
      Ending.await(system);
      throw e;
    }
  }

  private static Node join(
      Entry entry, Guardian.Ingredients with, MemberView view, ActorSystem<Guardian.Command> system, Guardian.Parts parts,
      CompletableFuture<Set<Address>> over) {
    NodeSettings settings = with.settings();
    Readiness readiness = new Readiness(settings, system, view, entry.again, parts.restored());
    InferenceService service = new MeteredService(
        Sessions.start(system, settings.name(), request -> infer(parts, request)), with.metrics(), parts.joules(), new EnergyShares());
    ApiBackend backend = new ApiBackend(
        service, parts.models(), status -> parts.host().config(status.name(), Optional.of(status.version())).orElse(ModelConfig.NONE),
        readiness, model -> plans(parts, model), parts.tiles().pool());
    Cluster cluster = Cluster.get(Adapter.toClassic(system));
    cluster.registerOnMemberRemoved(() -> over.complete(others(cluster)));
    system.getWhenTerminated().thenRun(() -> over.complete(Set.of()));
    List<Address> seeds = settings.seeds().stream().map(Addresses::of).toList();
    Management management = Management.from(system.settings().config());
    boolean joins = !management.bootstrap() || !entry.known.isEmpty();
    if (joins)
      system.systemActorOf(Joining.through(seeds, entry.known, entry.pause, SeedProbe.from(system.settings().config())), "joining", Props.empty());
    NodeHealth.of(system).ready(readiness::ready);
    management.start(system, !joins);
    if (entry.again) restored(parts);
    return new Node(system, with.kernels(), parts, MembershipSettings.from(system.settings().config()), view, backend, over);
  }

  private static Set<Address> others(Cluster cluster) {
    Set<Address> others = new LinkedHashSet<>();
    for (Member member : cluster.state().getMembers()) others.add(member.address());
    others.remove(cluster.selfAddress());
    return others;
  }

  private static void restored(Guardian.Parts parts) {
    try {
      parts.restored().toCompletableFuture().get(RESTORE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.warn("models that were loaded before are not back yet: {}", e.toString());
    }
  }

  private static Guardian.Ingredients ingredients(
      NodeSettings settings, Config config, NodeLimits limits, Kernels kernels, NodeMetrics metrics,
      Optional<LoggedModels> logged) {
    try {
      TileSettings tiles = TileSettings.from(config);
      // A robot has the requests of one; memory for computing several at once is better left to what else it does.
      int batch = settings.role() == NodeSettings.Role.EDGE ? tiles.lane().batch() : 1;
      tiles = tiles.withLane(tiles.lane().withSpeed(settings.speed()).withBatch(batch));
      Duration delay = Duration.ofNanos((long) (settings.delayMillis() * 1e6));
      tiles = tiles.withLink(tiles.link().over(tiles.link().emulation().with(settings.rateBytesPerSecond(), delay)));
      Files.createDirectories(settings.repository());
      Path cache = limits.cacheDirectory();
      ModelCache models = new ModelCache(cache.resolve("models").resolve(settings.name()), limits.maxModelBytes());
      ModelRepository repository = new ModelRepository(settings.repository(), limits.loggedModels());
      return new Guardian.Ingredients(settings, tiles, kernels, repository, models, limits, metrics, logged);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompletionStage<InferenceAnswer> infer(Guardian.Parts parts, InferenceRequest request) {
    CompletableFuture<InferenceAnswer> answer = new CompletableFuture<>();
    parts.scheduler().tell(new SchedulerActor.Infer(request, answer));
    return answer;
  }

  private static CompletionStage<List<PlanReport>> plans(Guardian.Parts parts, Optional<String> model) {
    CompletableFuture<List<PlanReport>> reports = new CompletableFuture<>();
    parts.scheduler().tell(new SchedulerActor.DescribePlans(model, reports));
    return reports;
  }

  /** What stands behind the faces while this start serves. */
  ApiBackend backend() {
    return backend;
  }

  ActorSystem<?> system() {
    return system;
  }

  /** What this start's bands are computed with. */
  Kernels kernels() {
    return kernels;
  }

  /** Completes when this start should end and another should join, as new, the cluster of the members given, if any are known. */
  CompletionStage<Set<Address>> whenOver() {
    return over;
  }

  /** Tells the others that this node leaves: they give it no more to do. */
  void announceLeave() {
    if (announced) return;
    announced = true;
    system.tell(Guardian.leave());
  }

  /** Leaves the cluster and stops, within seconds; tiles that run here for others are finished first. */
  @Override
  public void close() {
    if (!view.neighbours().isEmpty()) finishTiles();
    // Those that it goes over to are no members of the cluster that it leaves, whatever is known here.
    Set<Address> left = others(Cluster.get(Adapter.toClassic(system)));
    left.removeAll(over.getNow(Set.of()));
    String from = left.isEmpty() ? CoordinatedShutdown.PhaseClusterShutdown() : CoordinatedShutdown.PhaseBeforeServiceUnbind();
    CoordinatedShutdown.get(system).run(CoordinatedShutdown.clusterLeavingReason(), Optional.of(from));
    Ending.await(system);
    kernels.close();
  }

  private void finishTiles() {
    announceLeave();
    long begun = System.nanoTime();
    long deadline = begun + membership.finishTiles().toNanos();
    while (System.nanoTime() - deadline < 0
        && (System.nanoTime() - begun < ANNOUNCING.toNanos() || parts.tiles().lane().idleNanos() < ANNOUNCING.toNanos()))
      LockSupport.parkNanos(POLL.toNanos());
  }
}
