package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.DataType;
import java.util.List;

/** What a plan sends between devices. */
final class AirTraffic {
  private AirTraffic() {}

  /** Bytes that cross a link in one inference, packed where that helps; tensors of unknown size count nothing. */
  static long bytes(OperatorGraph graph, Plan plan, Routes routes, Fleet fleet) {
    long bytes = crossing(graph, Plan.SOURCE, Shipment.fromSource(plan, routes), fleet);
    for (Tile t : plan.tiles()) bytes += crossing(graph, t.device(), Shipment.fromTile(plan, routes, t.id()), fleet);
    return bytes;
  }

  /** Whether rows of 32-bit floats cross a link. */
  static boolean ofFloats(OperatorGraph graph, Plan plan, Routes routes) {
    if (ofFloats(graph, Plan.SOURCE, Shipment.fromSource(plan, routes))) return true;
    return plan.tiles().stream().anyMatch(t -> ofFloats(graph, t.device(), Shipment.fromTile(plan, routes, t.id())));
  }

  private static boolean ofFloats(OperatorGraph graph, int from, List<Shipment> shipments) {
    return shipments.stream().anyMatch(s -> s.device() != from && graph.tensor(s.rows().tensor()).type() == DataType.FLOAT32);
  }

  private static long crossing(OperatorGraph graph, int from, List<Shipment> shipments, Fleet fleet) {
    long bytes = 0;
    for (Shipment s : shipments) if (s.device() != from) bytes += bytes(graph, s.rows(), fleet);
    return bytes;
  }

  private static long bytes(OperatorGraph graph, Rows rows, Fleet fleet) {
    var tensor = graph.tensor(rows.tensor());
    return tensor.dynamic() ? 0 : (long) (tensor.bytes(rows.span().rows()) * fleet.airShare(tensor.id()));
  }
}
