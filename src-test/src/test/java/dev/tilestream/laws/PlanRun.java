package dev.tilestream.laws;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.zoo.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.HashSet;

/**
 * Computes a plan tile by tile on this thread, with nothing but the rows that the routes bring: bands, routes and kernels without
 * actors. A row that no route brought is missed, not read as zero.
 */
final class PlanRun {
  private final OperatorGraph graph;
  private final Plan plan;
  private final Routes routes;
  private final Kernels kernels;
  private final BufferPool pool;
  /** By consumer and tensor. */
  private final Map<Delivered, Collected> collected = new HashMap<>();

  private record Delivered(int consumer, int tensor) {}

  private record Collected(TensorSlice memory, Set<Integer> rows) {}

  private PlanRun(OperatorGraph graph, Plan plan, Kernels kernels, BufferPool pool) {
    this.graph = graph;
    this.plan = plan;
    this.routes = Routes.of(graph, plan);
    this.kernels = kernels;
    this.pool = pool;
  }

  static Map<String, Value> outputs(OperatorGraph graph, Plan plan, Kernels kernels, BufferPool pool, Map<String, Value> inputs) {
    PlanRun run = new PlanRun(graph, plan, kernels, pool);
    try {
      return run.run(inputs);
    } finally {
      run.collected.values().forEach(c -> c.memory().release());
    }
  }

  private Map<String, Value> run(Map<String, Value> inputs) {
    for (int id : graph.inputs()) {
      Tensor t = graph.tensor(id);
      TensorSlice whole = inputs.get(t.name()).slice(pool, id, t.axis());
      for (Delivery d : routes.fromSource()) if (d.rows().tensor() == id) deliver(d, whole);
      whole.release();
    }
    for (Tile tile : plan.tiles()) compute(tile);
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (int id : graph.outputs()) {
      Tensor t = graph.tensor(id);
      switch (t.kind()) {
        case INPUT -> outputs.put(t.name(), inputs.get(t.name()));
        case VALUE -> outputs.put(t.name(), Value.copyOf(rows(Parcel.SINK, new Rows(id, t.all()))));
        case CONSTANT -> { }
      }
    }
    return outputs;
  }

  private void compute(Tile tile) {
    List<Rows> needs = routes.bands().get(tile.id()).inputs();
    List<TensorSlice> given = needs.stream().map(need -> rows(tile.id(), need)).toList();
    try (Kernel kernel = kernels.create(routes.bands().get(tile.id()))) {
      for (TensorSlice made : kernel.run(given, pool)) {
        for (Delivery d : routes.fromTile().get(tile.id())) if (d.rows().tensor() == made.tensor()) deliver(d, made);
        made.release();
      }
    }
  }

  private void deliver(Delivery delivery, TensorSlice from) {
    if (!from.span().contains(delivery.rows().span())) return;
    int tensor = delivery.rows().tensor();
    RowSpan need = need(delivery.to(), tensor);
    // What starts a tile that needs nothing.
    if (need == null) return;
    Tensor t = graph.tensor(tensor);
    Collected into = collected.computeIfAbsent(
        new Delivered(delivery.to(), tensor),
        key -> new Collected(
            t.dynamic() ? from.retain() : TensorSlice.allocate(pool, tensor, t.type(), t.shape(), t.axis(), need), new HashSet<>()));
    RowSpan rows = delivery.rows().span();
    TensorSlice part = from.rows(rows);
    if (!t.dynamic()) part.copyTo(into.memory());
    part.release();
    for (int r = rows.from(); r < rows.to(); r++) into.rows().add(r);
  }

  private RowSpan need(int consumer, int tensor) {
    if (consumer == Parcel.SINK) return graph.tensor(tensor).all();
    return routes.bands().get(consumer).inputs().stream().filter(r -> r.tensor() == tensor).map(Rows::span).findFirst().orElse(null);
  }

  private TensorSlice rows(int consumer, Rows need) {
    Collected got = collected.get(new Delivered(consumer, need.tensor()));
    List<Integer> missing = new ArrayList<>();
    for (int r = need.span().from(); r < need.span().to(); r++) if (got == null || !got.rows().contains(r)) missing.add(r);
    if (!missing.isEmpty())
      throw new AssertionError("%s for %d: rows %s did not come".formatted(graph.tensor(need.tensor()).name(), consumer, missing));
    return got.memory();
  }
}
