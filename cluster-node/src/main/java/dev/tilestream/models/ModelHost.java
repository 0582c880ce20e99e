package dev.tilestream.models;

import akka.actor.typed.ActorRef;
import dev.tilestream.blob.Blobs;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.Pixels;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
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

  /**
   * A model that is loaded here.
   *
   * @param pixels what may stand in front of it
   */
  record Loaded(ModelRecord model, Path file, LoadedModel description, ModelConfig config, Optional<Pixels> pixels) {
    /** SHA-256 of the forms that it can be run in: its own, and behind pixels. */
    List<String> forms() {
      return Stream.concat(Stream.of(description), description.ofPixels().stream()).map(LoadedModel::sha256).toList();
    }
  }

  private final String device;
  private final ModelRepository repository;
  private final ModelCache cache;
  private final ModelImport importing;
  private final GraphCache graphs;
  private final Executor executor;
  private final Map<ModelId, Loaded> loaded = new ConcurrentHashMap<>();
  private final Set<Loaded> loading = ConcurrentHashMap.newKeySet();
  private final Map<ModelId, String> failures = new ConcurrentHashMap<>();
  private final Decisions decisions;
  private final List<Consumer<String>> removalListeners = new CopyOnWriteArrayList<>();
  private volatile ActorRef<Blobs.Command> ownBlobs;

  /** @param decisions what is to be loaded, and what is not; kept by this from now on */
  public ModelHost(
      String device, ModelRepository repository, ModelCache cache, ModelImport importing, Decisions decisions, Executor executor) {
    this.decisions = decisions;
    this.device = device;
    this.repository = repository;
    this.cache = cache;
    this.importing = importing;
    this.executor = executor;
    this.graphs = new GraphCache(this::measure, executor, MOST_GRAPHS);
  }

  private GraphCache.Measured measure(GraphCache.Key key) {
    Optional<Loaded> behind = Stream.concat(loaded.values().stream(), loading.stream())
        .filter(l -> l.description().ofPixels().filter(form -> form.sha256().equals(key.sha256())).isPresent()).findFirst();
    Path file = behind.isPresent() ? behind.get().file() : fileOf(key.sha256());
    return importing.measure(file, behind.flatMap(Loaded::pixels), key.shapes());
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

  Decisions decisions() {
    return decisions;
  }

  /** Whether somebody unloaded it since it was last loaded. */
  boolean wasUnloaded(ModelId id) {
    return decisions.unloadedSince(id, 0).isPresent();
  }

  /** A model of that name which is neither loaded nor in this node's repository, but was unloaded or failed to load here. */
  Optional<ModelId> remembered(String name, Optional<String> version) {
    return Stream.concat(failures.keySet().stream(), decisions.unloaded().stream().map(Decisions.Decision::id))
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

  /** The model if a file of its content is still here, or what stands in this node's repository in its place. */
  CompletionStage<ModelRecord> refind(ModelRecord model) {
    return CompletableFuture.supplyAsync(() -> file(model.sha256()), executor)
        .thenCompose(file -> file.isPresent()
            ? CompletableFuture.completedFuture(model)
            : findHere(model.name(), Optional.of(model.version())).thenApply(
                now -> now.orElseThrow(() -> new IllegalStateException("its file is neither in the repository nor in the cache"))));
  }

  private ModelRecord record(ModelId id) throws IOException {
    return ModelRecord.of(id, repository.sha256(id), Files.size(repository.model(id)), repository.configBytes(id));
  }

  /** Fails a load of what was unloaded later than the load was decided. */
  static final class Unloaded extends IllegalStateException {
    private final long at;

    Unloaded(ModelId id, long at) {
      super("model %s: was unloaded after that load was asked for (expected: one after the other)".formatted(id));
      this.at = at;
    }

    /** When it was unloaded, if that is why {@code failure} failed; else 0. */
    static long at(Throwable failure) {
      Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
      return cause instanceof Unloaded u ? u.at : 0;
    }
  }

  /**
   * Loads a model here, pulling its file from {@code from} when it is not here.
   *
   * @param decided when that was decided, by {@link Decisions#now} of whoever did
   */
  CompletionStage<LoadedModel> install(ModelRecord model, ActorRef<Blobs.Command> from, long decided) {
    ModelId id = model.id();
    decisions.heard(decided);
    Optional<Long> unloaded = decisions.unloadedSince(id, decided);
    if (unloaded.isPresent()) return CompletableFuture.failedFuture(new Unloaded(id, unloaded.get()));
    return CompletableFuture.supplyAsync(() -> file(model.sha256()), executor)
        .thenCompose(file -> file.isPresent() ? CompletableFuture.completedFuture(file.get()) : pull(model, from))
        .thenApplyAsync(file -> describe(model, file), executor)
        .thenCompose(this::imported)
        .whenComplete((l, failure) -> {
          if (failure != null) {
            failures.put(id, ModelDesk.reason(failure));
            return;
          }
          put(id, l, decided);
        })
        .thenApplyAsync(l -> {
          decisions.save();
          return l;
        }, executor)
        .thenApply(Loaded::description);
  }

  /** The form that is usual is imported now, where no input shape is open. */
  private CompletionStage<Loaded> imported(Loaded model) {
    Optional<Map<String, Shape>> shapes = fixedShapes(model.description());
    if (shapes.isEmpty()) return CompletableFuture.completedFuture(model);
    loading.add(model);
    return graphs.get(model.description().usual().sha256(), shapes.get())
        .thenApply(measured -> model)
        .whenComplete((done, failure) -> loading.remove(model));
  }

  /** @throws Unloaded when somebody has unloaded it since: it stays so */
  private synchronized void put(ModelId id, Loaded now, long decided) {
    decisions.unloadedSince(id, decided).ifPresent(at -> {
      throw new Unloaded(id, at);
    });
    failures.remove(id);
    decisions.load(now.model(), decided);
    Loaded old = loaded.put(id, now);
    if (old != null) dropUnused(old);
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
    ModelImport.Description description = importing.describe(model, file, config);
    return new Loaded(model, file, description.model(), config, description.pixels());
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

  /**
   * Unloads here, unless it was loaded later than that was decided.
   *
   * @param decided as of {@link #install}
   */
  synchronized CompletionStage<Void> removeHere(ModelId id, long decided) {
    decisions.heard(decided);
    if (decisions.loadedSince(id, decided)) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("model %s: was loaded after that was asked for (expected: one after the other)".formatted(id)));
    }
    Loaded gone = loaded.remove(id);
    failures.remove(id);
    decisions.unload(id, decided);
    if (gone != null) dropUnused(gone);
    return CompletableFuture.runAsync(decisions::save, executor);
  }

  /** What {@link #removeHere} does, if this node does not know it yet and has not loaded it later. */
  synchronized void hearUnloaded(ModelId id, long decided) {
    if (decisions.at(id) < decided) removeHere(id, decided);
    else decisions.heard(decided);
  }

  private void dropUnused(Loaded gone) {
    for (String form : gone.forms()) {
      if (holding(form).isPresent()) continue;
      graphs.drop(form);
      removalListeners.forEach(l -> l.accept(form));
    }
  }

  /** A loaded model that has this form. */
  private Optional<Loaded> holding(String form) {
    return loaded.values().stream().filter(l -> l.forms().contains(form)).findFirst();
  }

  /**
   * For a neighbour, who may ask for anything.
   *
   * @throws IllegalArgumentException when these are no shapes of the model's inputs
   */
  CompletionStage<GraphCache.Measured> prepareFor(String sha256, Map<String, Shape> shapes) {
    holding(sha256)
        .ifPresent(l -> InputCheck.shapeFault(l.description(), shapes).ifPresent(fault -> {
          throw new IllegalArgumentException(fault);
        }));
    return prepareHere(sha256, shapes);
  }

  CompletionStage<GraphCache.Measured> prepareHere(String sha256, Map<String, Shape> shapes) {
    if (holding(sha256).isEmpty())
      return CompletableFuture.failedFuture(new IllegalStateException("model " + sha256 + ": not loaded at " + device));
    return graphs.get(sha256, shapes);
  }
}
