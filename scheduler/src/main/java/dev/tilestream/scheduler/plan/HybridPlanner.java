package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;

/**
 * The best, by the simulator, of every other strategy's plan and of band splits: rows of the first stages on several devices at once,
 * halos recomputed, the rest where it is done first. Never slower than another strategy by its own prediction.
 */
public final class HybridPlanner implements Planner {
  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    Search.Candidate best = search.judge(search.whole(Plan.SOURCE));
    if (fleet.size() > 1 && search.stages() > 0) {
      best = Search.better(best, OffloadPlanner.best(search));
      best = Search.better(best, LayerPlanner.best(search));
      best = Search.better(best, search.judge(EvenPlanner.layout(search)));
      best = Search.better(best, search.judge(EnergyPlanner.tiles(search)));
      // The published split is inexact: it is a choice only for those who asked for that.
      if (options.halo() != Horizon.UNLIMITED) best = Search.better(best, PublishedPlanner.best(search));
      Search.Candidate split = new BandSplits(search).best();
      if (split != null && split.score() < best.score() * (1 - options.margin())) best = split;
    }
    return search.plan(Strategy.HYBRID, best);
  }
}
