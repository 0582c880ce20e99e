package dev.tilestream.node;

import dev.tilestream.models.ModelHost;
import java.util.HashMap;
import java.util.Map;

/** The neighbours as last heard, for everybody on this node. Thread-safe; written by the guardian. */
public final class MemberView {
  private volatile Map<String, Neighbour> neighbours = Map.of();

  void neighbours(Map<String, Neighbour> now) {
    neighbours = Map.copyOf(now);
  }

  /** By name, this node left out. */
  public Map<String, Neighbour> neighbours() {
    return neighbours;
  }

  Map<String, ModelHost.Desk> desks() {
    Map<String, ModelHost.Desk> desks = new HashMap<>();
    neighbours.forEach((name, n) -> desks.put(name, new ModelHost.Desk(n.models(), n.blobs())));
    return desks;
  }
}
