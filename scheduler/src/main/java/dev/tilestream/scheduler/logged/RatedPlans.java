package dev.tilestream.scheduler.logged;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planner;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One strategy's plans over a geometric grid of rates. A plan is made when its rate is first met; which plan serves at a rate is decided
 * by simulating those of the neighbouring rates at it. A rate that stays has a plan of its own. Not thread-safe.
 */
public final class RatedPlans {
  /** From one rate that is planned for to the next. */
  private static final double GRID = 1.25;
  /** From one rate at which plans are compared to the next. */
  private static final double FINE = 1.03;
  private static final double LEAST_BYTES_PER_SECOND = 12_500;

  /** A plan ready to be simulated, with the devices that it uses. */
  public record Ready(Plan plan, Workload work, List<Integer> devices) {}

  private final LoggedFleet fleet;
  private final double delaySeconds;
  private final Planner planner;
  private final PlanOptions options;
  private final boolean steady;
  private final Simulator simulator = new Simulator();
  private final Map<Integer, Ready> planned = new HashMap<>();
  private final Map<Integer, Ready> chosen = new HashMap<>();

  /**
   * @param delaySeconds of the air, one way
   * @param steady whether the rate never changes
   */
  public RatedPlans(LoggedFleet fleet, double delaySeconds, Planner planner, PlanOptions options, boolean steady) {
    this.fleet = fleet;
    this.delaySeconds = delaySeconds;
    this.planner = planner;
    this.options = options;
    this.steady = steady;
  }

  /** The plan that serves when the air carries about so much. */
  public Ready at(double bytesPerSecond) {
    double rate = Math.max(LEAST_BYTES_PER_SECOND, bytesPerSecond);
    int fine = (int) Math.round(Math.log(rate) / Math.log(FINE));
    return chosen.computeIfAbsent(fine, cell -> steady ? ready(rate) : choose(Math.pow(FINE, cell)));
  }

  /** Links at a rate, between the devices of one plan. */
  public Fleet fleet(Ready ready, double bytesPerSecond) {
    return fleet.at(bytesPerSecond * 8 / 1e6, delaySeconds).part(ready.devices);
  }

  private Ready choose(double rate) {
    double place = Math.log(rate) / Math.log(GRID);
    int below = (int) Math.floor(place);
    List<Ready> near = new ArrayList<>(List.of(plan(below), plan(below + 1)));
    Ready best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Ready r : near) {
      Simulation simulated = simulator.run(r.work, fleet(r, rate));
      double score = options.objective().score(simulated);
      if (best == null || score < least) {
        best = r;
        least = score;
      }
    }
    return best;
  }

  private Ready plan(int step) {
    return planned.computeIfAbsent(step, s -> ready(Math.pow(GRID, s)));
  }

  private Ready ready(double bytesPerSecond) {
    Fleet all = fleet.at(bytesPerSecond * 8 / 1e6, delaySeconds);
    Plan plan = planner.plan(fleet.logged().graph(), all, options);
    List<Integer> devices = plan.devices().stream().map(all.names()::indexOf).toList();
    return new Ready(plan, Workload.of(fleet.logged().graph(), plan, all.part(devices)), devices);
  }
}
