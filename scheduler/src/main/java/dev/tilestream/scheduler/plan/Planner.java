package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.profile.Fleet;

/** Makes plans of one strategy. Pure and deterministic: equal arguments, equal plan. */
public interface Planner {
  /**
   * @return a plan whose routes hold together; its devices are the source and those others that compute a part
   * @throws IllegalArgumentException when a device of the fleet was profiled on another graph
   */
  Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options);
}
