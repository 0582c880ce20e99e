package dev.tilestream.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import onnx.Onnx;
import org.junit.jupiter.api.Test;

class GraphCacheTest {
  private final List<Runnable> later = new ArrayList<>();
  private int imports;

  private final GraphCache cache = new GraphCache(this::imported, later::add, 2);

  private GraphCache.Measured imported(GraphCache.Key key) {
    imports++;
    int rows = key.shapes().get("x").dim(0);
    if (rows == 13) throw new IllegalStateException("13 rows");
    OperatorGraph graph = new OperatorGraph(
        key.sha256() + rows, Onnx.ModelProto.getDefaultInstance(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), null);
    return new GraphCache.Measured(graph, null);
  }

  private CompletableFuture<GraphCache.Measured> ask(String model, int rows) {
    return cache.get(model, Map.of("x", Shape.of(rows)));
  }

  private void work() {
    List.copyOf(later).forEach(Runnable::run);
    later.clear();
  }

  @Test
  void whoAsksWhileItIsImportedGetsTheSameGraph() {
    var first = ask("a", 1);
    assertThat(ask("a", 1)).isSameAs(first);
    work();
    assertThat(cache.byHash("a1").toCompletableFuture().join()).isSameAs(first.join().graph());
    assertThat(imports).isEqualTo(1);
  }

  @Test
  void theGraphUnusedForLongestGoes() {
    for (int rows : new int[] {1, 2}) ask("a", rows);
    work();
    ask("a", 1);
    ask("a", 3);
    work();
    assertThat(cache.size()).isEqualTo(2);
    assertThat(cache.byHash("a1").toCompletableFuture()).isCompleted();
    assertThatThrownBy(() -> cache.byHash("a2").toCompletableFuture().join()).hasMessageContaining("not imported here");
  }

  @Test
  void tooManyAtOnceAreRefusedInsteadOfQueued() {
    ask("a", 1);
    ask("a", 2);
    assertThatThrownBy(() -> ask("a", 3).join()).hasCauseInstanceOf(RejectedExecutionException.class);
    work();
    ask("a", 3);
    work();
    assertThat(ask("a", 3)).isCompleted();
  }

  @Test
  void aFailedImportIsTriedAgainAndADroppedOneIsNotFoundEvenWhenItEndsLater() {
    var failed = ask("a", 13);
    work();
    assertThatThrownBy(failed::join).hasMessageContaining("13 rows");
    assertThat(cache.size()).isZero();
    var dropped = ask("a", 1);
    cache.drop("a");
    work();
    assertThat(dropped).isCompleted();
    assertThatThrownBy(() -> cache.byHash("a1").toCompletableFuture().join()).hasMessageContaining("not imported here");
  }
}
