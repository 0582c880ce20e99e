package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The best, by the simulator, of every other strategy's plan and of splits by rows. A coarse scan gives starts; the best of them, and the
 * other strategies' layouts, are climbed from by {@link Moves}: first a little from each, then on from the best, at last with shakes. How
 * far it goes is counted in simulated tiles, not in time, so that it repeats. Of a larger fleet it looks at few devices
 * together ({@link Companies}). Never worse than another strategy by its own prediction.
 */
public final class HybridPlanner implements Planner {
  /** {@link Search#cost} of a unit of {@link PlanOptions#effort}. */
  private static final long LEAST_COST = 5_400;

  private static final long MOST_COST = 16_000;
  private static final int FEW_STAGES = 6;
  /** More for longer networks: every pair of stages can be where something begins and ends. */
  private static final long COST_OF_A_PAIR = 15;

  /** What was found, and by which search. */
  private record Found(Search search, List<Integer> devices, Candidate candidate) {
    static Found better(Found a, Found b) {
      return a == null || b.candidate.score() < a.candidate.score() ? b : a;
    }
  }

  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    Candidate alone = search.judge(search.whole(Plan.SOURCE));
    if (fleet.size() < 2 || search.stages() == 0) return search.plan(Strategy.HYBRID, alone);
    List<Integer> all = IntStream.range(0, fleet.size()).boxed().toList();
    List<Candidate> others = others(search);
    Found simple = new Found(search, all, least(alone, others));
    Found split = null;
    for (List<Integer> devices : Companies.of(search)) {
      boolean whole = devices.equals(all);
      Search part = whole ? search : search.part(devices);
      List<Candidate> known = new ArrayList<>(whole ? others : others(part));
      simple = Found.better(simple, new Found(part, devices, least(part.judge(part.whole(Plan.SOURCE)), known)));
      if (split != null && devices.containsAll(split.devices) && split.candidate.layout() != null)
        known.add(0, part.judge(Companies.widened(split.candidate.layout(), split.devices, devices)));
      split = Found.better(split, new Found(part, devices, searched(part, known, devices.size() > 2)));
    }
    Found best = split.candidate.score() < simple.candidate.score() * (1 - options.margin()) ? split : simple;
    return best.search.plan(Strategy.HYBRID, best.candidate);
  }

  /** What the other strategies make of it. */
  private static List<Candidate> others(Search search) {
    PlanOptions options = search.options();
    List<Candidate> others = new ArrayList<>(List.of(OffloadPlanner.best(search), LayerPlanner.best(search)));
    others.add(search.judge(EvenPlanner.layout(search)));
    // A swarm is slow for a first plan, and placements of whole stages for least energy are rarely quick.
    boolean quick = options.effort() == 1 && options.objective() instanceof Objective.Latency;
    if (!quick) others.add(search.judge(EnergyPlanner.tiles(search)));
    if (!quick || options.halo() != Horizon.UNLIMITED) others.add(PublishedPlanner.best(search));
    return others;
  }

  private static Candidate least(Candidate first, List<Candidate> others) {
    Candidate least = first;
    for (Candidate c : others) least = Search.better(least, c);
    return least;
  }

  /** @param half whether smaller companies were searched before */
  private static Candidate searched(Search search, List<Candidate> others, boolean half) {
    long start = search.cost();
    long stages = search.stages();
    // So few that more starts cost next to nothing, and are most of what there is to find.
    int effort = search.options().effort() * (stages <= FEW_STAGES && search.options().effort() > 1 ? 2 : 1);
    long budget = effort * Math.min(MOST_COST, LEAST_COST + COST_OF_A_PAIR * stages * stages) / (half ? 2 : 1);
    List<Candidate> starts = new ArrayList<>(new Splits(search, 3 + Math.min(effort, 9)).best(2 + effort, start + budget * 3 / 10));
    for (Candidate c : others) if (c.layout() != null && !starts.contains(c)) starts.add(c);
    Climb climb = new Climb(search);
    List<Candidate> ahead = new ArrayList<>();
    for (int i = 0; i < starts.size(); i++)
      ahead.add(climb.from(starts.get(i), 0, 1, i % 2 == 0, search.cost() + budget * 3 / 10 / starts.size()));
    ahead.sort(Comparator.comparingDouble(Candidate::score));
    Candidate found = ahead.get(0);
    for (Candidate c : ahead.subList(0, Math.min(2, ahead.size())))
      for (boolean roomy : new boolean[] {true, false})
        found = Search.better(found, climb.from(c, 0, Moves.steps() - 1, roomy, Math.min(start + budget, search.cost() + budget / 8)));
    return least(climb.shaken(found, start + budget), others);
  }
}
