package dev.tilestream.models;

import akka.actor.typed.ActorRef;
import dev.tilestream.blob.Blobs;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.repository.ModelCache;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.repository.ModelId;
import dev.tilestream.repository.ModelRepository;
import dev.tilestream.scheduler.InputCheck;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.Models;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this node: which are loaded, their files and graphs, and what this device needs for them. Thread-safe; what takes long
 * runs on the executor.
 */
public final class ModelHost {
  private static final Logger LOG = LoggerFactory.getLogger(ModelHost.class);
  /** Models times input shapes: above what one source keeps deployed, so that a few sources do not push each other out. */
  private static final int MOST_GRAPHS = 128;

  /** A model that is loaded here. */
  record Loaded(ModelRecord model, Path file, LoadedModel description, ModelConfig config) {}

  private final String device;
  private final ModelRepository repository;
  private final ModelCache cache;
  private final ModelImport importing;
  private final GraphCache graphs;
  private final Executor executor;
  private final Map<ModelId, Loaded> loaded = new ConcurrentHashMap<>();
  private final Map<ModelId, String> failures = new ConcurrentHashMap<>();
  /** What somebody unloaded since it was last loaded, with the number of that removal. */
  private final Map<ModelId, Long> removedAt = new ConcurrentHashMap<>();
  private final AtomicLong removals = new AtomicLong();
  private final List<Consumer<String>> removalListeners = new CopyOnWriteArrayList<>();
  private volatile ActorRef<Blobs.Command> ownBlobs;

  public ModelHost(String device, ModelRepository repository, ModelCache cache, ModelImport importing, Executor executor) {
    this.device = device;
    this.repository = repository;
    this.cache = cache;
    this.importing = importing;
    this.executor = executor;
    this.graphs = new GraphCache(key -> importing.measure(fileOf(key.sha256()), key.shapes()), executor, MOST_GRAPHS);
  }

  public String device() {
    return device;
  }

  /** Graphs by hash, for deployments. */
  public CompletionStage<OperatorGraph> graph(String hash) {
    return graphs.byHash(hash);
  }

  /** {@code listener} gets the SHA-256 of every model that is unloaded. */
  public void whenRemoved(Consumer<String> listener) {
    removalListeners.add(listener);
  }

  /** The newest version unless one is asked for. */
  public Optional<LoadedModel> find(String name, Optional<String> version) {
    return loaded(name, version).map(Loaded::description);
  }

  Optional<Loaded> loaded(String name, Optional<String> version) {
    return loaded.entrySet().stream()
        .filter(e -> e.getKey().name().equals(name) && (version.isEmpty() || e.getKey().version().equals(version.get())))
        .max(Map.Entry.comparingByKey(Comparator.naturalOrder()))
        .map(Map.Entry::getValue);
  }

  Map<ModelId, Loaded> loaded() {
    return Collections.unmodifiableMap(loaded);
  }

  Map<ModelId, String> failures() {
    return Collections.unmodifiableMap(failures);
  }

  /** Whether somebody unloaded it since it was last loaded. */
  boolean wasUnloaded(ModelId id) {
    return removedAt.containsKey(id);
  }

  /** A model of that name which is neither loaded nor in this node's repository, but was unloaded or failed to load here. */
  Optional<ModelId> remembered(String name, Optional<String> version) {
    return Stream.concat(failures.keySet().stream(), removedAt.keySet().stream())
        .filter(id -> id.name().equals(name) && (version.isEmpty() || id.version().equals(version.get())))
        .max(Comparator.naturalOrder());
  }

  ModelRepository repository() {
    return repository;
  }

  /** Preprocessing and the like of a loaded model. */
  public Optional<ModelConfig> config(String name, Optional<String> version) {
    return loaded(name, version).map(Loaded::config);
  }

  /** Where this node has a file of that content. */
  public Optional<Path> file(String sha256) {
    Optional<Path> known = loaded.values().stream().filter(l -> l.model().sha256().equals(sha256)).map(Loaded::file).findFirst();
    return known.or(() -> cache.find(sha256)).or(() -> inRepository(sha256));
  }

  private Path fileOf(String sha256) {
    return file(sha256).orElseThrow(() -> new IllegalStateException("model file " + sha256 + ": not here"));
  }

  private Optional<Path> inRepository(String sha256) {
    try {
      for (ModelId id : repository.list()) if (repository.sha256(id).equals(sha256)) return Optional.of(repository.model(id));
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("repository: {}", e.toString());
      return Optional.empty();
    }
  }

  /** The model in this node's repository. */
  CompletionStage<Optional<ModelRecord>> findHere(String name, Optional<String> version) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        Optional<ModelId> id = repository.find(name, version);
        return id.isEmpty() ? Optional.<ModelRecord>empty() : Optional.of(record(id.get()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }, executor);
  }

  private ModelRecord record(ModelId id) throws IOException {
    return ModelRecord.of(id, repository.sha256(id), Files.size(repository.model(id)), repository.configBytes(id));
  }

  /** Loads a model here, pulling its file from {@code from} when it is not here. */
  CompletionStage<LoadedModel> install(ModelRecord model, ActorRef<Blobs.Command> from) {
    ModelId id = model.id();
    long before = removals.get();
    return CompletableFuture.supplyAsync(() -> file(model.sha256()), executor)
        .thenCompose(file -> file.isPresent() ? CompletableFuture.completedFuture(file.get()) : pull(model, from))
        .thenApplyAsync(file -> describe(model, file), executor)
        .thenCompose(l -> fixedShapes(l.description()).isEmpty()
            ? CompletableFuture.completedFuture(l)
            : graphs.get(model.sha256(), fixedShapes(l.description()).get()).thenApply(measured -> l))
        .whenComplete((l, failure) -> {
          if (failure != null) {
            failures.put(id, ModelDesk.reason(failure));
            return;
          }
          put(id, l, before);
        })
        .thenApply(Loaded::description);
  }

  /** @throws IllegalStateException when somebody unloaded it since {@code removalsBefore}: it stays so */
  private synchronized void put(ModelId id, Loaded now, long removalsBefore) {
    if (removedAt.getOrDefault(id, 0L) > removalsBefore)
      throw new IllegalStateException("model %s: was unloaded while it was loaded (expected: one after the other)".formatted(id));
    failures.remove(id);
    removedAt.remove(id);
    Loaded old = loaded.put(id, now);
    if (old != null && !old.model().sha256().equals(now.model().sha256())) dropUnused(old.model().sha256());
  }

  private CompletionStage<Path> pull(ModelRecord model, ActorRef<Blobs.Command> from) {
    CompletableFuture<Path> done = new CompletableFuture<>();
    ownBlobs.tell(new Blobs.Pull(model.sha256(), model.size(), from, done));
    return done;
  }

  /** Before anything is loaded: the actor that pulls files. */
  public void pullThrough(ActorRef<Blobs.Command> blobs) {
    ownBlobs = blobs;
  }

  private Loaded describe(ModelRecord model, Path file) {
    ModelConfig config = model.config().length == 0 ? ModelConfig.NONE : ModelConfig.parse(model.id() + "/config.json", model.config());
    return new Loaded(model, file, importing.describe(model, file, config), config);
  }

  /** The input shapes when the model leaves none open. */
  public static Optional<Map<String, Shape>> fixedShapes(LoadedModel model) {
    Map<String, Shape> shapes = new HashMap<>();
    for (var port : model.inputs()) {
      if (port.shape().stream().anyMatch(d -> d < 0)) return Optional.empty();
      shapes.put(port.name(), Shape.of(port.shape().stream().mapToLong(Long::longValue).toArray()));
    }
    return Optional.of(shapes);
  }

  /** Unloads here. */
  synchronized CompletionStage<Void> removeHere(String name, String version) {
    ModelId id = new ModelId(name, version);
    Loaded gone = loaded.remove(id);
    failures.remove(id);
    removedAt.put(id, removals.incrementAndGet());
    if (gone != null) dropUnused(gone.model().sha256());
    return CompletableFuture.completedFuture(null);
  }

  private void dropUnused(String sha256) {
    if (loaded.values().stream().anyMatch(l -> l.model().sha256().equals(sha256))) return;
    graphs.drop(sha256);
    removalListeners.forEach(l -> l.accept(sha256));
  }

  /**
   * For a neighbour, who may ask for anything.
   *
   * @throws IllegalArgumentException when these are no shapes of the model's inputs
   */
  CompletionStage<GraphCache.Measured> prepareFor(String sha256, Map<String, Shape> shapes) {
    loaded.values().stream().filter(l -> l.model().sha256().equals(sha256)).findFirst()
        .ifPresent(l -> InputCheck.shapeFault(l.description(), shapes).ifPresent(fault -> {
          throw new IllegalArgumentException(fault);
        }));
    return prepareHere(sha256, shapes);
  }

  CompletionStage<GraphCache.Measured> prepareHere(String sha256, Map<String, Shape> shapes) {
    if (loaded.values().stream().noneMatch(l -> l.model().sha256().equals(sha256)))
      return CompletableFuture.failedFuture(new IllegalStateException("model " + sha256 + ": not loaded at " + device));
    return graphs.get(sha256, shapes);
  }
}
