package dev.tilestream.node;

import akka.actor.Address;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import com.typesafe.config.Config;
import dev.tilestream.api.ApiBackend;
import dev.tilestream.api.ApiServer;
import dev.tilestream.api.ApiSettings;
import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
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
import dev.tilestream.session.Sessions;
import dev.tilestream.tile.TileSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One start of a member: an actor system, its place in the cluster and its HTTP endpoint, until it stops or is put out. */
final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration START = Duration.ofSeconds(30);
  private static final String SYSTEM = "tilestream";

  private final ActorSystem<?> system;
  private final ApiServer api;
  private final Kernels kernels;
  private final Readiness readiness;

  private Node(ActorSystem<?> system, ApiServer api, Kernels kernels, Readiness readiness) {
    this.system = system;
    this.api = api;
    this.kernels = kernels;
    this.readiness = readiness;
  }

  /**
   * Starts its actors, its HTTP endpoint and its way into the cluster. Returns when it serves HTTP; {@link #ready} says when it serves
   * inferences.
   *
   * @param again whether it served in this process before
   */
  static Node start(NodeSettings settings, Config config, NodeMetrics metrics, boolean again) {
    NodeLimits limits = NodeLimits.from(config);
    Optional<LoggedModels> logged = limits.loggedModels()
        ? Optional.of(new LoggedModels(settings.name(), settings.role() == NodeSettings.Role.ROBOT))
        : Optional.empty();
    Kernels computing = Kernels.of(KernelSettings.from(config));
    Kernels kernels = logged.<Kernels>map(models -> new LoggedKernels(models, computing)).orElse(computing);
    try {
      return start(settings, config, metrics, again, limits, kernels, logged);
    } catch (RuntimeException e) {
      kernels.close();
      throw e;
    }
  }

  private static Node start(
      NodeSettings settings, Config config, NodeMetrics metrics, boolean again, NodeLimits limits, Kernels kernels,
      Optional<LoggedModels> logged) {
    MemberView view = new MemberView();
    CompletableFuture<Guardian.Parts> started = new CompletableFuture<>();
    ActorSystem<?> system = ActorSystem.create(
        Guardian.create(ingredients(settings, config, limits, kernels, metrics, logged), view, started), SYSTEM, config);
    try {
      return serve(settings, config, metrics, again, kernels, view, system, started);
    } catch (RuntimeException e) {
      // Whoever tries again finds the ports free.
      system.terminate();
      stopped(system);
      throw e;
    }
  }

  private static Node serve(
      NodeSettings settings, Config config, NodeMetrics metrics, boolean again, Kernels kernels, MemberView view, ActorSystem<?> system,
      CompletableFuture<Guardian.Parts> started) {
    Guardian.Parts parts = started.orTimeout(START.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS).join();
    Readiness readiness = new Readiness(settings, system, view, again);
    InferenceService service = new MeteredService(
        Sessions.start(system, settings.name(), request -> infer(parts, request)), metrics, parts.joules(), new EnergyShares());
    ApiBackend backend = new ApiBackend(
        service, parts.models(), status -> parts.host().config(status.name(), Optional.of(status.version())).orElse(ModelConfig.NONE),
        readiness, model -> plans(parts, model), parts.tiles().pool());
    ApiSettings http = ApiSettings.from(config).at(settings.httpHost(), settings.httpPort());
    ApiServer api = ApiServer.start(system, http, backend).toCompletableFuture().join();
    system.systemActorOf(Joining.through(settings.seeds().stream().map(Node::address).toList()), "joining", Props.empty());
    LOG.info("node {} serves {}", settings.name(), api.address());
    return new Node(system, api, kernels, readiness);
  }

  private static Guardian.Ingredients ingredients(
      NodeSettings settings, Config config, NodeLimits limits, Kernels kernels, NodeMetrics metrics,
      Optional<LoggedModels> logged) {
    try {
      TileSettings tiles = TileSettings.from(config);
      tiles = tiles.withLane(tiles.lane().withSpeed(settings.speed()));
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

  private static Address address(String seed) {
    int colon = seed.lastIndexOf(':');
    return new Address("akka", SYSTEM, seed.substring(0, colon), Integer.parseInt(seed.substring(colon + 1)));
  }

  /** Whether it can serve inferences now. */
  boolean ready() {
    return readiness.ready();
  }

  /** Where it serves HTTP. */
  java.net.InetSocketAddress httpAddress() {
    return api.address();
  }

  /** Completes when the node has stopped, however that came. */
  CompletionStage<akka.Done> whenStopped() {
    return system.getWhenTerminated();
  }

  /** Once stopped: whether the others put it out (a partition, a long silence), so that it should come back as new. */
  boolean wasDowned() {
    return CoordinatedShutdown.get(system).getShutdownReason()
        .filter(reason -> reason == CoordinatedShutdown.clusterDowningReason())
        .isPresent();
  }

  /** Leaves the cluster and stops, within seconds. */
  @Override
  public void close() {
    CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterLeavingReason());
    stopped(system);
    kernels.close();
  }

  private static void stopped(ActorSystem<?> system) {
    try {
      system.getWhenTerminated().toCompletableFuture().get(START.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.warn("node did not stop in time: {}", e.toString());
    }
  }
}
