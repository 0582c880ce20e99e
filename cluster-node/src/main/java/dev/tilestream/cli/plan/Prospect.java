package dev.tilestream.cli.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.LowerBound;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import java.util.List;

/**
 * What one strategy would do, and what the simulator says that takes.
 *
 * @param bounds below which no plan is that computes the same; those of {@link Bounds#NONE} for a plan that does not
 */
public record Prospect(Plan plan, Simulation simulation, double planningSeconds, Bounds bounds) {
  /** Seconds of latency, and joules of the source however long it takes, below which no exact plan is; NaN: not known. */
  public record Bounds(double seconds, double joules) {
    static final Bounds NONE = new Bounds(Double.NaN, Double.NaN);

    public static Bounds of(OperatorGraph graph, Fleet fleet) {
      return new Bounds(LowerBound.seconds(graph, fleet), LowerBound.joules(graph, fleet));
    }
  }

  /** Plans and simulates. {@code bounds} hold for every exact plan. */
  public static Prospect of(Strategy strategy, OperatorGraph graph, Fleet fleet, PlanOptions options, Bounds bounds) {
    long start = System.nanoTime();
    Plan plan = Planners.of(strategy).plan(graph, fleet, options);
    double seconds = (System.nanoTime() - start) / 1e9;
    List<Integer> used = plan.devices().stream().map(fleet.names()::indexOf).toList();
    Simulation simulation = new Simulator().run(graph, plan, fleet.part(used));
    return new Prospect(plan, simulation, seconds, plan.exact() ? bounds : Bounds.NONE);
  }

  public String strategy() {
    return plan.strategy().word();
  }

  /** Share by which its latency is above the bound; NaN without one. */
  public double gap() {
    return simulation.latencySeconds() / bounds.seconds - 1;
  }

  /** Likewise its joules. */
  public double energyGap() {
    return simulation.sourceJoules() / bounds.joules - 1;
  }

  public double latencyMillis() {
    return simulation.latencySeconds() * 1e3;
  }
}
