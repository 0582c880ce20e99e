package dev.tilestream.models;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import dev.tilestream.blob.Blobs;
import dev.tilestream.repository.ModelId;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loading and unloading across the cluster. A model is loaded here first, so that a broken one is refused with its reason before
 * anybody else hears of it, then at all neighbours at once; a neighbour that can't is left out, and said so in the log.
 */
public final class ClusterModels implements ModelControl {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterModels.class);

  private final ModelHost host;
  private final PreparedModels prepared;
  private final ActorSystem<?> system;
  private final Duration patience;
  private final Supplier<Map<String, Desk>> neighbours;
  private final ActorRef<Blobs.Command> ownBlobs;
  private final Function<LoadedModel, CompletionStage<?>> warmUp;
  private final Set<ModelId> loading = ConcurrentHashMap.newKeySet();
  /** Loads under way by what was asked for: whoever asks meanwhile waits for the same one. */
  private final Map<String, CompletableFuture<ModelStatus>> loads = new ConcurrentHashMap<>();

  /**
   * @param patience how long a neighbour may take
   * @param ownBlobs where neighbours pull files from here
   * @param warmUp makes a loaded model usable from here; its end is the load's
   */
  public ClusterModels(
      ModelHost host, PreparedModels prepared, ActorSystem<?> system, Duration patience, Supplier<Map<String, Desk>> neighbours,
      ActorRef<Blobs.Command> ownBlobs, Function<LoadedModel, CompletionStage<?>> warmUp) {
    this.host = host;
    this.prepared = prepared;
    this.system = system;
    this.patience = patience;
    this.neighbours = neighbours;
    this.ownBlobs = ownBlobs;
    this.warmUp = warmUp;
  }

  @Override
  public List<ModelStatus> models() {
    Set<ModelId> ids = new TreeSet<>(host.loaded().keySet());
    ids.addAll(host.failures().keySet());
    try {
      ids.addAll(host.repository().list());
    } catch (IOException e) {
      LOG.warn("repository: {}", e.toString());
    }
    return ids.stream().map(this::status).toList();
  }

  @Override
  public Optional<ModelStatus> model(String name, Optional<String> version) {
    Optional<ModelId> id = host.loaded(name, version).map(l -> l.model().id());
    try {
      if (id.isEmpty()) id = host.repository().find(name, version);
      if (id.isEmpty()) id = host.remembered(name, version);
      return id.map(this::status);
    } catch (IOException e) {
      LOG.warn("repository: {}", e.toString());
      return Optional.empty();
    }
  }

  private ModelStatus status(ModelId id) {
    ModelHost.Loaded loaded = host.loaded().get(id);
    String failure = host.failures().get(id);
    ModelStatus.State state =
        loading.contains(id) ? ModelStatus.State.LOADING
            : loaded != null ? ModelStatus.State.READY
            : failure != null ? ModelStatus.State.FAILED : ModelStatus.State.UNLOADED;
    return new ModelStatus(
        id.name(), id.version(), state, reason(id, state, failure),
        loaded == null ? List.of() : loaded.description().inputs(), loaded == null ? List.of() : loaded.description().outputs());
  }

  private String reason(ModelId id, ModelStatus.State state, String failure) {
    if (failure != null) return failure;
    return state == ModelStatus.State.UNLOADED && host.wasUnloaded(id) ? "unloaded" : "";
  }

  @Override
  public CompletionStage<ModelStatus> load(String name, Optional<String> version) {
    try {
      ModelId.checkName(name);
      version.ifPresent(ModelId::checkVersion);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(new InferenceFailure(InferenceFailure.Kind.BAD_REQUEST, e.getMessage()));
    }
    String key = name + "/" + version.orElse("");
    CompletableFuture<ModelStatus> mine = new CompletableFuture<>();
    CompletableFuture<ModelStatus> running = loads.putIfAbsent(key, mine);
    if (running != null) return running;
    find(name, version).whenComplete((status, failure) -> {
      loads.remove(key, mine);
      if (failure == null) mine.complete(status);
      else mine.completeExceptionally(failure);
    });
    return mine;
  }

  @Override
  public CompletionStage<ModelStatus> loadMeasured(String name, Optional<String> version) {
    return load(name, version).thenCompose(status -> {
      LoadedModel loaded = host.find(status.name(), Optional.of(status.version())).orElse(null);
      if (loaded == null) return CompletableFuture.completedFuture(status);
      return prepared.measured(loaded).thenCompose(done -> warmUp.apply(loaded)).thenApply(done -> status);
    });
  }

  private CompletionStage<ModelStatus> find(String name, Optional<String> version) {
    return host.findHere(name, version)
        .thenCompose(here -> here.isPresent()
            ? CompletableFuture.completedFuture(Optional.of(new Origin(here.get(), ownBlobs)))
            : atNeighbour(name, version))
        .thenCompose(origin -> origin
            .map(this::loadFrom)
            .orElseThrow(() -> new InferenceFailure(
                InferenceFailure.Kind.NOT_FOUND,
                "model %s%s: in no repository of the cluster".formatted(name, version.map(v -> " version " + v).orElse("")))));
  }

  private record Origin(ModelRecord model, ActorRef<Blobs.Command> blobs) {}

  private CompletionStage<Optional<Origin>> atNeighbour(String name, Optional<String> version) {
    List<CompletionStage<Optional<Origin>>> asked = new ArrayList<>();
    for (Desk desk : neighbours.get().values())
      asked.add(desk.<ModelDesk.Found>ask(replyTo -> new ModelDesk.Find(name, version, replyTo), patience, system)
          .handle((found, failure) -> failure != null ? Optional.<Origin>empty() : origin(found.model(), name, version, desk)));
    return Desk.all(asked).thenApply(all -> all.stream()
        .flatMap(Optional::stream)
        .max(Comparator.comparing((Origin o) -> o.model().id())));
  }

  /** Only what was asked for. */
  private static Optional<Origin> origin(Optional<ModelRecord> found, String name, Optional<String> version, Desk desk) {
    return found
        .filter(m -> m.name().equals(name) && version.map(m.version()::equals).orElse(true))
        .map(m -> new Origin(m, desk.blobs()));
  }

  private CompletionStage<ModelStatus> loadFrom(Origin origin) {
    ModelId id = origin.model().id();
    loading.add(id);
    long decided = host.decisions().now();
    return host.install(origin.model(), origin.blobs(), decided)
        .exceptionally(failure -> {
          throw new InferenceFailure(InferenceFailure.Kind.BAD_REQUEST, "model %s: %s".formatted(id.name(), ModelDesk.reason(failure)));
        })
        .thenCompose(description -> offer(origin.model(), decided, neighbours.get()).thenCompose(all -> warmUp.apply(description)))
        .whenComplete((done, failure) -> loading.remove(id))
        .thenApply(done -> status(id));
  }

  /** Has the model loaded at these neighbours too; completes when each has answered or run out of time. */
  private CompletionStage<Void> offer(ModelRecord model, long decided, Map<String, Desk> to) {
    Map<String, CompletionStage<ModelDesk.Outcome>> asked = new LinkedHashMap<>();
    to.forEach((name, desk) -> asked.put(name, desk
        .<ModelDesk.Outcome>ask(replyTo -> new ModelDesk.Install(model, ownBlobs, decided, replyTo), patience, system)
        .exceptionally(failure -> new ModelDesk.Outcome(name, failure))));
    return Desk.all(List.copyOf(asked.values())).thenAccept(outcomes -> {
      for (ModelDesk.Outcome outcome : outcomes)
        if (!outcome.failure().isEmpty()) refused(model, outcome);
    });
  }

  /** By a neighbour that cannot load it, or that knows what this node does not: it was unloaded while this one was away. */
  private void refused(ModelRecord model, ModelDesk.Outcome outcome) {
    if (outcome.unloadedAt() == 0) {
      LOG.warn("model {}: {} could not load it: {}", model.name(), outcome.device(), outcome.failure());
      return;
    }
    host.removeHere(model.id(), outcome.unloadedAt()).whenComplete((done, failure) -> {
      if (failure == null) LOG.info("model {}: was unloaded at {} meanwhile, so it is here", model.name(), outcome.device());
    });
  }

  /**
   * Agrees with members that just came, or came back: what was unloaded while they were not seen is unloaded there, and what is loaded here is
   * loaded there. They do the same, so that afterwards of all decisions the latest holds on both sides.
   */
  public CompletionStage<Void> agree(Map<String, Desk> newcomers) {
    List<ModelDesk.Unloading> unloaded = host.decisions().unloaded().stream()
        .map(d -> new ModelDesk.Unloading(d.id().name(), d.id().version(), d.at()))
        .toList();
    if (!unloaded.isEmpty()) newcomers.values().forEach(desk -> desk.models().tell(new ModelDesk.Hear(unloaded)));
    CompletionStage<Void> all = CompletableFuture.completedFuture(null);
    for (ModelHost.Loaded loaded : host.loaded().values())
      all = all.thenCombine(offer(loaded.model(), host.decisions().at(loaded.model().id()), newcomers), (a, b) -> null);
    return all;
  }

  /**
   * Loads again what was loaded before this node stopped, each model from its file here; one whose file is gone is left to neighbours that
   * have it. Completes when all are loaded or have failed.
   */
  public CompletionStage<Void> restore() {
    List<CompletionStage<Boolean>> all = new ArrayList<>();
    for (Decisions.Decision decision : host.decisions().loaded()) all.add(restore(decision.loaded().orElseThrow(), decision.at()));
    if (all.isEmpty()) return CompletableFuture.completedFuture(null);
    return Desk.all(all).thenAccept(done -> {
      LOG.info("{} of {} models that were loaded before are loaded again", done.stream().filter(d -> d).count(), done.size());
      agree(neighbours.get());
    });
  }

  private CompletionStage<Boolean> restore(ModelRecord model, long decided) {
    loading.add(model.id());
    return host.refind(model)
        .thenCompose(found -> host.install(found, ownBlobs, decided))
        .whenComplete((loaded, failure) -> loading.remove(model.id()))
        .handle((loaded, failure) -> {
          if (failure == null) warmUp.apply(loaded);
          else LOG.warn("model {}: was loaded before and cannot be now: {}", model.id(), ModelDesk.reason(failure));
          return failure == null;
        });
  }

  /** Unloads it wherever it is loaded, here or not; without a version the newest that anybody has. */
  @Override
  public CompletionStage<ModelStatus> unload(String name, Optional<String> version) {
    List<CompletionStage<Optional<ModelId>>> asked = new ArrayList<>();
    asked.add(CompletableFuture.completedFuture(host.loaded(name, version).map(loaded -> loaded.model().id())));
    for (Desk desk : neighbours.get().values())
      asked.add(desk.<ModelDesk.Loaded>ask(replyTo -> new ModelDesk.FindLoaded(name, version, replyTo), patience, system)
          .handle((found, failure) -> failure != null ? Optional.<ModelId>empty() : loaded(found, name, version)));
    return Desk.all(asked).thenCompose(all -> all.stream()
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder())
        .map(this::unload)
        .orElseThrow(() -> new InferenceFailure(
            InferenceFailure.Kind.NOT_FOUND,
            "model %s%s: not loaded anywhere".formatted(name, version.map(v -> " version " + v).orElse("")))));
  }

  /** Only what was asked for, and can be. */
  private Optional<ModelId> loaded(ModelDesk.Loaded found, String name, Optional<String> version) {
    host.decisions().heard(found.decided());
    return found.version()
        .filter(v -> version.map(v::equals).orElse(true))
        .filter(v -> {
          try {
            ModelId.checkVersion(v);
            return true;
          } catch (IllegalArgumentException e) {
            LOG.warn("a neighbour says of model {}: {}", name, e.getMessage());
            return false;
          }
        })
        .map(v -> new ModelId(name, v));
  }

  private CompletionStage<ModelStatus> unload(ModelId id) {
    long decided = host.decisions().now();
    List<CompletionStage<ModelDesk.Outcome>> asked = new ArrayList<>();
    neighbours.get().forEach((device, desk) -> asked.add(desk
        .<ModelDesk.Outcome>ask(replyTo -> new ModelDesk.Remove(id.name(), id.version(), decided, replyTo), patience, system)
        .exceptionally(failure -> new ModelDesk.Outcome(device, failure))));
    return host.removeHere(id, decided).thenCompose(done -> Desk.all(asked)).thenApply(outcomes -> status(id));
  }
}
