package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Prints a plan for people. */
public final class PlanText {
  private PlanText() {}

  /** What it promises, the tiles of each device in order of urgency, and the bytes that cross each link. */
  public static String of(OperatorGraph graph, Plan plan) {
    StringBuilder text = new StringBuilder();
    text.append("%s, %d tiles on %s".formatted(plan.strategy().word(), plan.tiles().size(), String.join(", ", plan.devices())));
    if (!Double.isNaN(plan.predictedSeconds())) text.append(String.format(Locale.ROOT, ": %.2f ms", plan.predictedSeconds() * 1e3));
    if (!Double.isNaN(plan.predictedJoules()))
      text.append(String.format(Locale.ROOT, ", %.3f J at %s", plan.predictedJoules(), plan.devices().get(Plan.SOURCE)));
    text.append(plan.exact() ? "" : " (not exact)").append('\n');
    for (int d = 0; d < plan.devices().size(); d++) device(text, graph, plan, d);
    links(graph, plan).forEach((link, bytes) -> text.append(String.format(Locale.ROOT, "%s: %,d bytes%n", link, bytes)));
    return text.toString();
  }

  private static void device(StringBuilder text, OperatorGraph graph, Plan plan, int device) {
    List<Tile> tiles = plan.tiles().stream().filter(t -> t.device() == device).sorted(java.util.Comparator.comparingInt(Tile::urgency))
        .toList();
    if (tiles.isEmpty()) return;
    text.append(plan.devices().get(device)).append('\n');
    for (Tile t : tiles) text.append("  tile %d: %s makes %s%n".formatted(t.id(), stages(t.stages()), rows(graph, t.outputs())));
  }

  /** Runs of ids as {@code 3-7}. */
  private static String stages(List<Integer> ids) {
    StringBuilder text = new StringBuilder(ids.size() == 1 ? "stage " : "stages ");
    for (int i = 0, end; i < ids.size(); i = end) {
      end = i + 1;
      while (end < ids.size() && ids.get(end) == ids.get(end - 1) + 1) end++;
      text.append(i == 0 ? "" : ", ").append(ids.get(i));
      if (end > i + 1) text.append('-').append(ids.get(end - 1));
    }
    return text.toString();
  }

  private static String rows(OperatorGraph graph, List<Rows> outputs) {
    return String.join(", ", outputs.stream().map(r -> graph.tensor(r.tensor()).name() + " " + r.span()).toList());
  }

  private static Map<String, Long> links(OperatorGraph graph, Plan plan) {
    Routes routes = Routes.of(graph, plan);
    Map<String, Long> bytes = new TreeMap<>();
    count(graph, plan, Plan.SOURCE, Shipment.fromSource(plan, routes), bytes);
    for (Tile t : plan.tiles()) count(graph, plan, t.device(), Shipment.fromTile(plan, routes, t.id()), bytes);
    return bytes;
  }

  private static void count(OperatorGraph graph, Plan plan, int from, List<Shipment> shipments, Map<String, Long> bytes) {
    for (Shipment s : shipments) {
      if (s.device() == from) continue;
      String link = plan.devices().get(from) + " > " + plan.devices().get(s.device());
      bytes.merge(link, Workload.bytes(graph.tensor(s.rows().tensor()), s.rows().span().rows()), Long::sum);
    }
  }
}
