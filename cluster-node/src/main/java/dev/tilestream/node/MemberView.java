package dev.tilestream.node;

import dev.tilestream.models.Desk;
import dev.tilestream.models.Presence;
import java.util.HashMap;
import java.util.Map;

/** The neighbours as last heard, for everybody on this node. Thread-safe; written by the guardian. */
public final class MemberView {
  private record Present(Neighbour neighbour, Presence presence) {}

  private volatile Map<String, Present> present = Map.of();
  private volatile Map<String, Neighbour> neighbours = Map.of();

  void neighbours(Map<String, Neighbour> now) {
    Map<String, Present> before = present;
    Map<String, Present> next = new HashMap<>();
    now.forEach((name, n) -> {
      Present known = before.get(name);
      next.put(name, known != null && known.neighbour.equals(n) ? known : new Present(n, new Presence()));
    });
    present = Map.copyOf(next);
    neighbours = Map.copyOf(now);
    before.forEach((name, p) -> {
      if (next.get(name) != p) p.presence.end();
    });
  }

  /** By name, this node left out. */
  public Map<String, Neighbour> neighbours() {
    return neighbours;
  }

  Map<String, Desk> desks() {
    Map<String, Desk> desks = new HashMap<>();
    present.forEach((name, p) -> desks.put(name, new Desk(p.neighbour.models(), p.neighbour.blobs(), p.presence)));
    return desks;
  }
}
