package dev.tilestream.models;

import akka.actor.typed.ActorSystem;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.profiles.SharedProfiles;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.Models;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loaded models as the scheduler sees them: their graphs, and what this device and its neighbours need for them. Neighbours that cannot
 * compute a model, or do not say so in time, are left out. Thread-safe.
 */
public final class PreparedModels implements Models {
  private static final Logger LOG = LoggerFactory.getLogger(PreparedModels.class);
  /** For a profile that its device has written to come here. */
  private static final Duration SHARING = Duration.ofSeconds(10);
  /** Longer than measuring takes on an idle device. */
  private static final Duration MEASURING = Duration.ofSeconds(15);

  private final ModelHost host;
  private final ActorSystem<?> system;
  private final Duration patience;
  private final Supplier<Map<String, Desk>> neighbours;
  private final SharedProfiles shared;
  private final Runnable flushProfiles;

  /**
   * @param patience how long other members may take to prepare a model before they are left out
   * @param neighbours by device name, as they are now
   * @param shared profiles of all devices
   * @param flushProfiles has {@code shared} told at once of what came from others
   */
  public PreparedModels(
      ModelHost host, ActorSystem<?> system, Duration patience, Supplier<Map<String, Desk>> neighbours, SharedProfiles shared,
      Runnable flushProfiles) {
    this.host = host;
    this.system = system;
    this.patience = patience;
    this.neighbours = neighbours;
    this.shared = shared;
    this.flushProfiles = flushProfiles;
  }

  @Override
  public Optional<LoadedModel> find(String name, Optional<String> version) {
    return host.find(name, version);
  }

  @Override
  public CompletionStage<Prepared> prepare(LoadedModel model, Map<String, Shape> shapes) {
    Map<String, List<Integer>> dims = new HashMap<>();
    shapes.forEach((name, shape) -> dims.put(name, Arrays.stream(shape.dims()).boxed().toList()));
    List<CompletionStage<Optional<DeviceProfile>>> asked = new ArrayList<>();
    neighbours.get().forEach((name, desk) -> asked.add(
        desk.<ModelDesk.Ready>ask(replyTo -> new ModelDesk.Prepare(model.sha256(), dims, replyTo), patience, system)
            .thenCompose(ready -> profileOf(name, desk, ready))
            .handle((profile, failure) -> unless(name, model, profile, failure))));
    return host.prepareHere(model.sha256(), shapes).thenCompose(here -> Desk.all(asked).thenApply(profiles -> {
      Map<String, DeviceProfile> byName = new HashMap<>();
      byName.put(host.device(), latest(here));
      for (Optional<DeviceProfile> p : profiles)
        p.filter(x -> fits(x, here.graph())).ifPresent(x -> byName.put(x.device(), x));
      return new Prepared(here.graph(), byName);
    }));
  }

  @Override
  public CompletionStage<Prepared> prepareAlone(LoadedModel model, Map<String, Shape> shapes) {
    return host.prepareHere(model.sha256(), shapes).thenApply(here -> new Prepared(here.graph(), Map.of(host.device(), latest(here))));
  }

  /** What is known by now of this device. */
  private DeviceProfile latest(GraphCache.Measured here) {
    return shared.find(here.graph().hash(), host.device()).orElse(here.profile());
  }

  /** What the neighbour {@code name} has shared, or shares within a moment: it is written before it answers. */
  private CompletionStage<DeviceProfile> profileOf(String name, Desk desk, ModelDesk.Ready ready) {
    if (!ready.failure().isEmpty()) return CompletableFuture.failedFuture(new IllegalStateException(ready.failure()));
    flushProfiles.run();
    return desk.presence().during(shared.await(ready.graphHash(), name, SHARING));
  }

  private static Optional<DeviceProfile> unless(String name, LoadedModel model, DeviceProfile profile, Throwable failure) {
    if (failure == null) return Optional.of(profile);
    LOG.warn("{} left out for {}: {}", name, model.name(), ModelDesk.reason(failure));
    return Optional.empty();
  }

  /**
   * Completes when this device and all neighbours have measured a model that leaves no input shape open, or have had the time for it. Until
   * then they go by estimates.
   */
  CompletionStage<Void> measured(LoadedModel model) {
    Optional<Map<String, Shape>> shapes = ModelHost.fixedShapes(model);
    if (shapes.isEmpty()) return CompletableFuture.completedFuture(null);
    return host.prepareHere(model.usual().sha256(), shapes.get()).thenCompose(here -> {
      List<CompletionStage<Boolean>> awaited = new ArrayList<>();
      List<String> devices = new ArrayList<>(neighbours.get().keySet());
      devices.add(host.device());
      for (String name : devices)
        awaited.add(shared.awaitMeasured(here.graph().hash(), name, MEASURING).handle((profile, failure) -> failure == null));
      return Desk.all(awaited).thenAccept(done -> {
        if (done.contains(false)) LOG.info("model {}: not measured everywhere yet; plans go by estimates until it is", model.name());
      });
    });
  }

  private static boolean fits(DeviceProfile profile, OperatorGraph graph) {
    return profile.graphHash().equals(graph.hash()) && profile.stages().size() == graph.stages().size();
  }
}
