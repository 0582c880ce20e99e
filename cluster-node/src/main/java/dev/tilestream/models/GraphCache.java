package dev.tilestream.models;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Graphs imported and measured on this device, by model and input shapes, and by their hash. A graph that is dropped is unmapped once
 * nobody refers to it any more: kernels of running inferences may still read its weights. Thread-safe.
 */
final class GraphCache {
  /** A model for concrete input shapes. */
  record Key(String sha256, Map<String, Shape> shapes) {
    Key {
      shapes = Map.copyOf(shapes);
    }
  }

  /** What importing gives. */
  record Measured(OperatorGraph graph, DeviceProfile profile) {}

  private final Function<Key, Measured> importer;
  private final Executor executor;
  private final Map<Key, CompletableFuture<Measured>> graphs = new ConcurrentHashMap<>();
  private final Map<String, Key> byHash = new ConcurrentHashMap<>();

  /**
   * @param importer may block for seconds
   * @param executor where it runs
   */
  GraphCache(Function<Key, Measured> importer, Executor executor) {
    this.importer = importer;
    this.executor = executor;
  }

  CompletableFuture<Measured> get(String sha256, Map<String, Shape> shapes) {
    Key key = new Key(sha256, new TreeMap<>(shapes));
    CompletableFuture<Measured> known = graphs.get(key);
    if (known != null) return known;
    CompletableFuture<Measured> fresh = new CompletableFuture<>();
    CompletableFuture<Measured> raced = graphs.putIfAbsent(key, fresh);
    if (raced != null) return raced;
    CompletableFuture.supplyAsync(() -> importer.apply(key), executor).whenComplete((measured, failure) -> {
      if (failure != null) {
        graphs.remove(key, fresh);
        fresh.completeExceptionally(failure instanceof java.util.concurrent.CompletionException e && e.getCause() != null ? e.getCause() : failure);
      } else {
        byHash.put(measured.graph().hash(), key);
        fresh.complete(measured);
      }
    });
    return fresh;
  }

  /** A graph that was imported before; fails when there is none of that hash. */
  CompletionStage<OperatorGraph> byHash(String hash) {
    Key key = byHash.get(hash);
    CompletableFuture<Measured> graph = key == null ? null : graphs.get(key);
    if (graph == null) return CompletableFuture.failedFuture(new NoSuchElementException("graph " + hash + ": not imported here"));
    return graph.thenApply(Measured::graph);
  }

  /** Forgets the graphs of a model. */
  void drop(String sha256) {
    byHash.values().removeIf(key -> key.sha256().equals(sha256));
    graphs.keySet().removeIf(key -> key.sha256().equals(sha256));
  }
}
