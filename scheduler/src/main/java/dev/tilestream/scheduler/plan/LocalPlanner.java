package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;

/** Everything on the source, as one tile. */
public final class LocalPlanner implements Planner {
  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    return search.plan(Strategy.LOCAL, search.judge(search.whole(Plan.SOURCE)));
  }
}
