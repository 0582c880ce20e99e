package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every local stage's rows evenly over all devices, halos exchanged between the stages; what is not local, or has fewer rows than there
 * are devices, on the source. The textbook's data-parallel inference, which ignores how slow devices and links are.
 */
public final class EvenPlanner implements Planner {
  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    return search.plan(Strategy.EVEN, search.judge(layout(search)));
  }

  static Layout layout(Search search) {
    int devices = search.fleet().size();
    double[] alike = new double[devices];
    Arrays.fill(alike, 1);
    List<Segment> segments = new ArrayList<>();
    List<Integer> ends = new ArrayList<>(search.cuts().between(0, search.stages()));
    if (search.stages() > 0) ends.add(search.stages());
    int from = 0;
    for (int to : ends) {
      boolean shared = to == from + 1 && devices > 1 && search.cuts().divisible(from, devices);
      segments.add(shared ? Segment.shared(from, to, alike) : Segment.on(Plan.SOURCE, devices, from, to));
      from = to;
    }
    return new Layout(segments);
  }
}
