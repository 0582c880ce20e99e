package dev.tilestream.models;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * Graphs imported on this device, by model and input shapes, and by their hash: so many at most, the one unused for
 * longest goes. A graph that is dropped is unmapped once nobody refers to it any more: kernels of running inferences may still read its
 * weights. Thread-safe.
 */
final class GraphCache {
  /** A model for concrete input shapes. */
  record Key(String sha256, Map<String, Shape> shapes) {
    Key {
      shapes = Map.copyOf(shapes);
    }
  }

  /** What importing gives: {@code profile} is what was known first, and may be an estimate. */
  record Measured(OperatorGraph graph, DeviceProfile profile) {}

  private final Function<Key, Measured> importer;
  private final Executor executor;
  private final int most;
  /** In the order of their last use. */
  private final Map<Key, CompletableFuture<Measured>> graphs = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Key> byHash = new HashMap<>();

  /**
   * @param importer may block for seconds
   * @param executor where it runs
   * @param most graphs that are kept, and as many on their way
   */
  GraphCache(Function<Key, Measured> importer, Executor executor, int most) {
    this.importer = importer;
    this.executor = executor;
    this.most = most;
  }

  /** Imports it unless that has been done; fails with {@link RejectedExecutionException} when too many are being imported. */
  CompletableFuture<Measured> get(String sha256, Map<String, Shape> shapes) {
    Key key = new Key(sha256, shapes);
    CompletableFuture<Measured> fresh = new CompletableFuture<>();
    synchronized (this) {
      CompletableFuture<Measured> known = graphs.get(key);
      if (known != null) return known;
      long coming = graphs.values().stream().filter(graph -> !graph.isDone()).count();
      if (coming >= most)
        return CompletableFuture.failedFuture(
            new RejectedExecutionException("%d graphs are being imported (expected: at most %d)".formatted(coming + 1, most)));
      graphs.put(key, fresh);
    }
    CompletableFuture.supplyAsync(() -> importer.apply(key), executor)
        .whenComplete((measured, failure) -> imported(key, fresh, measured, failure));
    return fresh;
  }

  private void imported(Key key, CompletableFuture<Measured> fresh, Measured measured, Throwable failure) {
    synchronized (this) {
      if (failure != null) graphs.remove(key, fresh);
      else if (graphs.get(key) == fresh) byHash.put(measured.graph().hash(), key);
    }
    if (failure == null) fresh.complete(measured);
    else fresh.completeExceptionally(failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
    evict();
  }

  private synchronized void evict() {
    int surplus = graphs.size() - most;
    for (Iterator<Map.Entry<Key, CompletableFuture<Measured>>> i = graphs.entrySet().iterator(); i.hasNext() && surplus > 0; ) {
      Map.Entry<Key, CompletableFuture<Measured>> entry = i.next();
      if (!entry.getValue().isDone()) continue;
      i.remove();
      byHash.values().removeIf(entry.getKey()::equals);
      surplus--;
    }
  }

  /** A graph that was imported before; fails when there is none of that hash. */
  synchronized CompletionStage<OperatorGraph> byHash(String hash) {
    Key key = byHash.get(hash);
    CompletableFuture<Measured> graph = key == null ? null : graphs.get(key);
    if (graph == null) return CompletableFuture.failedFuture(new NoSuchElementException("graph " + hash + ": not imported here"));
    return graph.thenApply(Measured::graph);
  }

  /** Forgets the graphs of a model. */
  synchronized void drop(String sha256) {
    byHash.values().removeIf(key -> key.sha256().equals(sha256));
    graphs.keySet().removeIf(key -> key.sha256().equals(sha256));
  }

  /** Graphs that are here or on their way. */
  synchronized int size() {
    return graphs.size();
  }
}
