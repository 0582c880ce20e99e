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

/** What one strategy would do, and what the simulator says that takes. */
public record Prospect(Plan plan, Simulation simulation, double planningSeconds) {
  /** Plans and simulates. */
  public static Prospect of(Strategy strategy, OperatorGraph graph, Fleet fleet, PlanOptions options) {
    long start = System.nanoTime();
    Plan plan = Planners.of(strategy).plan(graph, fleet, options);
    double seconds = (System.nanoTime() - start) / 1e9;
    List<Integer> used = plan.devices().stream().map(fleet.names()::indexOf).toList();
    return new Prospect(plan, new Simulator().run(graph, plan, fleet.part(used)), seconds);
  }

  public String strategy() {
    return plan.strategy().word();
  }

  public double latencyMillis() {
    return simulation.latencySeconds() * 1e3;
  }
}
