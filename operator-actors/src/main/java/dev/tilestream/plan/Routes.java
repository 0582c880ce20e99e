package dev.tilestream.plan;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Who sends what to whom under a plan, worked out once and alike on every device. Rows that several tiles make (halos by recomputation)
 * are taken from the consumer's own device where possible, else from the earliest tile that has them. How deliveries to
 * one device share what crosses the air is {@link Shipment}'s matter. Outputs that are constants or inputs of the model are not routed:
 * the source has them.
 *
 * @param fromSource what the source sends of the model's inputs
 * @param fromTile for each tile, what it sends of its outputs
 * @param bands for each tile, its rows and halos
 */
public record Routes(List<Delivery> fromSource, List<List<Delivery>> fromTile, List<Band> bands) {
  public Routes {
    fromSource = List.copyOf(fromSource);
    fromTile = fromTile.stream().map(List::copyOf).toList();
    bands = List.copyOf(bands);
  }

  /**
   * @throws IllegalArgumentException when the plan leaves a row unmade, or a tile needs rows of a tile behind it: such a plan must not
   *     be deployed
   */
  public static Routes of(OperatorGraph graph, Plan plan) {
    return of(graph, plan, t -> t.band(graph));
  }

  /** The same for a caller that may know some tiles' bands already; {@code bandOf} must give what {@link Tile#band} gives. */
  public static Routes of(OperatorGraph graph, Plan plan, Function<Tile, Band> bandOf) {
    if (!plan.graphHash().equals(graph.hash()))
      throw new IllegalArgumentException("plan: for graph %s (expected: %s)".formatted(plan.graphHash(), graph.hash()));
    int n = plan.tiles().size();
    List<Delivery> source = new ArrayList<>();
    List<List<Delivery>> tiles = new ArrayList<>();
    List<Band> bands = new ArrayList<>();
    for (Tile t : plan.tiles()) {
      tiles.add(new ArrayList<>());
      bands.add(bandOf.apply(t));
    }
    Map<Integer, List<Made>> makers = new HashMap<>();
    for (int c = 0; c < n; c++) {
      List<Rows> needs = bands.get(c).inputs();
      if (needs.isEmpty()) source.add(new Delivery(trigger(graph), c));
      for (Rows need : needs) route(graph, makers, need, c, plan.tiles().get(c).device(), source, tiles);
      Tile t = plan.tiles().get(c);
      for (Rows made : t.outputs()) makers.computeIfAbsent(made.tensor(), k -> new ArrayList<>()).add(new Made(t.id(), t.device(), made));
    }
    for (int output : graph.outputs())
      if (graph.tensor(output).kind() == Tensor.Kind.VALUE)
        route(graph, makers, new Rows(output, graph.tensor(output).all()), Parcel.SINK, Plan.SOURCE, source, tiles);
    return new Routes(source, tiles, bands);
  }

  /** What an earlier tile hands out. */
  private record Made(int tile, int device, Rows rows) {}

  /** What starts a tile that needs nothing (a random generator): the first row of the first input. */
  private static Rows trigger(OperatorGraph graph) {
    return new Rows(graph.inputs().get(0), RowSpan.first(1));
  }

  private static void route(
      OperatorGraph graph, Map<Integer, List<Made>> makers, Rows need, int to, int device, List<Delivery> source, List<List<Delivery>> tiles) {
    Tensor tensor = graph.tensor(need.tensor());
    if (tensor.kind() == Tensor.Kind.INPUT) {
      source.add(new Delivery(need, to));
      return;
    }
    List<RowSpan> open = new ArrayList<>(4);
    open.add(need.span());
    List<Made> made = makers.getOrDefault(need.tensor(), List.of());
    for (Made m : made) if (m.device == device && need.span().overlaps(m.rows.span())) take(m.rows, open, to, tiles.get(m.tile));
    for (Made m : made)
      if (open.isEmpty()) break;
      else if (m.device != device && need.span().overlaps(m.rows.span())) take(m.rows, open, to, tiles.get(m.tile));
    if (!open.isEmpty())
      throw new IllegalArgumentException(
          "plan: nothing makes rows %s of %s for %s".formatted(open, tensor.name(), to < 0 ? "the answer" : "tile " + to));
  }

  /** Moves what {@code made} covers of the open spans into deliveries. */
  private static void take(Rows made, List<RowSpan> open, int to, List<Delivery> deliveries) {
    for (int i = 0; i < open.size(); ) {
      RowSpan span = open.get(i);
      RowSpan common = span.intersection(made.span()).orElse(null);
      if (common == null) {
        i++;
        continue;
      }
      deliveries.add(new Delivery(new Rows(made.tensor(), common), to));
      open.remove(i);
      if (span.from() < common.from()) open.add(i++, new RowSpan(span.from(), common.from()));
      if (common.to() < span.to()) open.add(i++, new RowSpan(common.to(), span.to()));
    }
  }
}
