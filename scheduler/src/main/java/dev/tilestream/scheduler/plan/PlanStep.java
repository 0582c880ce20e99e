package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A piece of the making of a plan table: short enough that something more urgent can come in between.
 *
 * @param cell of the grid, whose rates to plan for
 * @param strategies whose plans to add
 * @param ahead for a rate that may come, not for the one of now: nobody waits for it
 */
public record PlanStep(int cell, List<Strategy> strategies, PlanOptions options, boolean ahead) {
  public PlanStep {
    strategies = List.copyOf(strategies);
  }

  /**
   * {@code table} with the plans of this step, and without those that turned out to be of no use; runs anywhere.
   *
   * @param kept {@link PlanHash} of plans that stay in any case
   */
  public PlanTable on(PlanTable table, OperatorGraph graph, Set<String> kept) {
    Fleet fleet = table.fleet().withRates(table.grid().factor(cell));
    List<Plan> plans = new ArrayList<>();
    for (Strategy s : strategies) plans.add(Planners.of(s).plan(graph, fleet, options));
    return table.with(plans).pruned(kept);
  }
}
