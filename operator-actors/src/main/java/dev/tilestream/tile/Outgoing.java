package dev.tilestream.tile;

import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.List;

/**
 * One shipment of a tile, worked out at deployment.
 *
 * @param output index in the tile's outputs
 * @param device where the consumers are
 * @param address of the consumer, {@link dev.tilestream.tensor.Parcel#ALL} or {@link dev.tilestream.tensor.Parcel#SINK}
 * @param precision at which it leaves this device
 * @param stays whether the consumers are on the tile's own device, by the plan
 */
record Outgoing(int output, RowSpan rows, String device, int address, int urgency, Precision precision, boolean stays) {
  /** What {@code tile} sends, in sending order. */
  static List<Outgoing> of(Plan plan, Routes routes, Tile tile) {
    List<Outgoing> all = new ArrayList<>();
    for (Shipment s : Shipment.fromTile(plan, routes, tile.id()))
      all.add(new Outgoing(
          output(tile, s.rows()), s.rows().span(), plan.devices().get(s.device()), s.address(), s.urgency(), plan.precision(),
          s.device() == tile.device()));
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
