package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything on the one other device that answers first. The input goes over in chunks of rows, and the first stages start on those
 * that have come while the rest is in the air. Without another device: local.
 */
public final class OffloadPlanner implements Planner {
  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    return search.plan(Strategy.OFFLOAD, best(search));
  }

  static Candidate best(Search search) {
    List<Layout> peers = new ArrayList<>();
    for (int d = 1; d < search.fleet().size(); d++) peers.add(search.whole(d));
    if (peers.isEmpty() || search.stages() == 0) return search.judge(search.whole(Plan.SOURCE));
    StreamTuner tuner = new StreamTuner(search);
    peers.sort(java.util.Comparator.comparingDouble(l -> search.judge(l).score()));
    Candidate best = null;
    for (Layout l : peers.subList(0, Math.min(search.options().effort() == 1 ? 1 : 2, peers.size()))) best = Search.better(best, tuner.tune(l));
    return best;
  }
}
