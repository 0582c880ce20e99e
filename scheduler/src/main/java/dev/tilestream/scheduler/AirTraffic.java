package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.Parcel;

/** What a plan sends between devices. */
final class AirTraffic {
  private AirTraffic() {}

  /** Tensor bytes that cross a link in one inference; tensors of unknown size count nothing. */
  static long bytes(OperatorGraph graph, Plan plan, Routes routes) {
    long bytes = 0;
    for (Delivery d : routes.fromSource()) if (device(plan, d.to()) != Plan.SOURCE) bytes += bytes(graph, d);
    for (int t = 0; t < routes.fromTile().size(); t++)
      for (Delivery d : routes.fromTile().get(t)) if (device(plan, d.to()) != plan.tiles().get(t).device()) bytes += bytes(graph, d);
    return bytes;
  }

  private static int device(Plan plan, int tile) {
    return tile == Parcel.SINK ? Plan.SOURCE : plan.tiles().get(tile).device();
  }

  private static long bytes(OperatorGraph graph, Delivery delivery) {
    var tensor = graph.tensor(delivery.rows().tensor());
    return tensor.dynamic() ? 0 : tensor.bytes(delivery.rows().span().rows());
  }
}
