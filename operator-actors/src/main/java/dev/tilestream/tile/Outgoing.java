package dev.tilestream.tile;

import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One delivery of a tile, worked out at deployment.
 *
 * @param output index in the tile's outputs
 * @param device where the consumer is
 * @param tile consumer, or {@link Parcel#SINK}
 * @param urgency of the consumer; the tile's own for the answer
 */
record Outgoing(int output, RowSpan rows, String device, int tile, int urgency) {
  /** What {@code tile} sends, in sending order: what goes on the air first, then by urgency. */
  static List<Outgoing> of(Plan plan, Tile tile, List<Delivery> deliveries) {
    List<Outgoing> all = new ArrayList<>();
    for (Delivery d : deliveries) {
      boolean sink = d.to() == Parcel.SINK;
      int device = sink ? Plan.SOURCE : plan.tiles().get(d.to()).device();
      int urgency = sink ? tile.urgency() : plan.tiles().get(d.to()).urgency();
      all.add(new Outgoing(output(tile, d.rows()), d.rows().span(), plan.devices().get(device), d.to(), urgency));
    }
    String own = plan.devices().get(tile.device());
    all.sort(Comparator.comparing((Outgoing o) -> o.device().equals(own)).thenComparingInt(Outgoing::urgency));
    return List.copyOf(all);
  }

  private static int output(Tile tile, Rows rows) {
    for (int i = 0; i < tile.outputs().size(); i++) {
      Rows made = tile.outputs().get(i);
      if (made.tensor() == rows.tensor() && made.span().contains(rows.span())) return i;
    }
    throw new IllegalArgumentException("tile %d: owes %s (expected: within its outputs %s)".formatted(tile.id(), rows, tile.outputs()));
  }
}
