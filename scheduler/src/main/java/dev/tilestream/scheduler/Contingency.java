package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Relief;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Timetable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What there is to know of a deployment for when its devices fail: when they are late, who owes what, and what their tiles take here.
 *
 * @param factor the table's, whose rates it was made for
 * @param sourceSeconds of each tile, on the source
 * @param margins of each device, in the plan's order
 */
record Contingency(double factor, Timetable timetable, Relief relief, List<Double> sourceSeconds, List<Delays.Margin> margins) {
  /** Rates that differ by more ask for another. */
  private static final double APART = 1.3;

  Contingency {
    sourceSeconds = List.copyOf(sourceSeconds);
    margins = List.copyOf(margins);
  }

  /** Runs anywhere: takes a millisecond or some. */
  static Contingency of(OperatorGraph graph, Plan plan, Fleet fleet, double factor) {
    Fleet part = fleet.part(plan.devices().stream().map(fleet.names()::indexOf).toList()).withRates(factor);
    Routes routes = Routes.of(graph, plan);
    List<Double> seconds = plan.tiles().stream().map(t -> seconds(part, routes, t)).toList();
    List<Delays.Margin> margins = IntStream.range(0, part.size()).mapToObj(d -> Delays.Margin.of(part.link(Plan.SOURCE, d))).toList();
    return new Contingency(factor, Timetable.of(graph, plan, routes, part), Relief.of(plan, routes), seconds, margins);
  }

  private static double seconds(Fleet fleet, Routes routes, Tile tile) {
    return fleet.device(Plan.SOURCE).tileSeconds(routes.bands().get(tile.id()), tile.stages());
  }

  boolean fits(double other) {
    return other < factor * APART && factor < other * APART;
  }
}
