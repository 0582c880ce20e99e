package dev.tilestream.cli.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import java.util.List;

/**
 * What one strategy would do, and what the simulator says that takes.
 *
 * @param boundSeconds no plan that computes the same answers sooner; NaN for a plan that is not exact
 */
public record Prospect(Plan plan, Simulation simulation, double planningSeconds, double boundSeconds) {
  /** Plans and simulates. {@code boundSeconds} holds for every exact plan. */
  public static Prospect of(Strategy strategy, OperatorGraph graph, Fleet fleet, PlanOptions options, double boundSeconds) {
    long start = System.nanoTime();
    Plan plan = Planners.of(strategy).plan(graph, fleet, options);
    double seconds = (System.nanoTime() - start) / 1e9;
    List<Integer> used = plan.devices().stream().map(fleet.names()::indexOf).toList();
    Simulation simulation = new Simulator().run(graph, plan, fleet.part(used));
    return new Prospect(plan, simulation, seconds, plan.exact() ? boundSeconds : Double.NaN);
  }

  public String strategy() {
    return plan.strategy().word();
  }

  public double latencyMillis() {
    return simulation.latencySeconds() * 1e3;
  }
}
