package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of the making of a plan table: short enough that something more urgent can come in between.
 *
 * @param cell of the grid, whose rates to plan for
 * @param strategies whose plans to add
 * @param last whether plans that turned out to be of no use go afterwards
 */
record PlanStep(int cell, List<Strategy> strategies, PlanOptions options, boolean last) {
  /** Quickly made, and good to begin with. */
  private static final List<Strategy> FIRST = List.of(Strategy.LOCAL, Strategy.OFFLOAD);
  /** What else may turn out to be better than {@code hybrid}'s own plan once it is measured. */
  private static final List<Strategy> REST = List.of(Strategy.LAYER, Strategy.EVEN);

  /**
   * The steps of a whole table, in their order: a usable plan for the rates of now, a good one, then those of the other rates, nearer
   * ones first.
   */
  static List<PlanStep> of(PlanGoal goal, PlanOptions search, Fleet fleet, RateGrid grid) {
    PlanOptions options = goal.options(search);
    List<Strategy> own = List.of(goal.strategy());
    if (fleet.size() == 1 || goal.strategy() == Strategy.LOCAL) return List.of(new PlanStep(grid.middle(), own, options, true));
    boolean hybrid = goal.strategy() == Strategy.HYBRID;
    List<PlanStep> steps = new ArrayList<>();
    if (hybrid) {
      steps.add(new PlanStep(grid.middle(), FIRST, options, false));
      steps.add(new PlanStep(grid.middle(), REST, options, false));
    }
    steps.add(new PlanStep(grid.middle(), own, options, false));
    int[] cells = grid.outwards();
    // What others than hybrid make is close to the same within a factor of two.
    List<Integer> planned = java.util.Arrays.stream(cells).boxed().skip(1).filter(c -> hybrid || (c - grid.middle()) % 2 == 0).toList();
    for (int c : planned) steps.add(new PlanStep(c, own, options, c == planned.get(planned.size() - 1)));
    return steps;
  }

  /** {@code table} with the plans of this step; runs anywhere. */
  PlanTable on(PlanTable table, OperatorGraph graph) {
    Fleet fleet = table.fleet().withRates(table.grid().factor(cell));
    List<Plan> plans = new ArrayList<>();
    for (Strategy s : strategies) plans.add(Planners.of(s).plan(graph, fleet, options));
    PlanTable with = table.with(plans);
    return last ? with.pruned() : with;
  }
}
