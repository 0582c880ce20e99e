package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.Objective.Energy;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.List;

/**
 * Least energy at the source among placements of whole stages that answer before a deadline, by {@link Swarm SPSO-GA}: that of the
 * objective where it has one, else a second, as the Hybrid-Parallel paper bounds it. Where nothing answers in time, what is least late.
 * The swarm judges by a {@link PlacementClock}, the simulator chooses among the places that it ended with and
 * has the last word on units next to a crossing.
 */
public final class EnergyPlanner implements Planner {
  static final double DEFAULT_DEADLINE_SECONDS = 1;
  private static final long SEED = 20240529;
  private static final int PREFIXES = 15;
  private static final int SIMULATED = 8;
  private static final int POLISHED = 60;

  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options.withObjective(objective(options)));
    return search.plan(Strategy.ENERGY, best(search));
  }

  private static Energy objective(PlanOptions options) {
    return options.objective() instanceof Energy e ? e : new Energy(DEFAULT_DEADLINE_SECONDS);
  }

  /** The tiles of this strategy's plan, for another that compares itself with it by its own objective. */
  static List<Tile> tiles(Search search) {
    Search energy = search.with(search.options().withObjective(objective(search.options())));
    return energy.tiled(best(energy)).tiles();
  }

  /** @param search whose objective is energy */
  private static Candidate best(Search search) {
    Candidate best = null;
    for (int d = 0; d < search.fleet().size(); d++) best = Search.better(best, search.judge(search.whole(d)));
    Placements placements = new Placements(search);
    if (search.fleet().size() < 2 || placements.units() < 2) return best;
    PlacementClock clock = new PlacementClock(placements);
    Energy energy = objective(search.options());
    Swarm swarm = new Swarm(search.fleet().size(), at -> {
      clock.run(at);
      return energy.score(clock.seconds(), clock.joules());
    }, SEED);
    List<int[]> places = swarm.fly(placements.units(), seeds(placements, search.fleet().size()));
    int simulated = 0;
    int[] start = places.get(0);
    Candidate found = null;
    List<List<Tile>> seen = new ArrayList<>();
    for (int[] at : places) {
      List<Tile> tiles = placements.tiles(at);
      if (seen.contains(tiles)) continue;
      seen.add(tiles);
      Candidate c = search.judge(tiles);
      if (found == null || c.score() < found.score()) start = at;
      found = Search.better(found, c);
      if (++simulated == SIMULATED) break;
    }
    return Search.better(best, polished(placements, start, found, search.fleet().size()));
  }

  /** Moves single units next to a crossing as long as the simulator, which sees more than the clock, likes it. */
  private static Candidate polished(Placements placements, int[] start, Candidate found, int devices) {
    int[] at = start.clone();
    Candidate best = found;
    int left = POLISHED;
    for (boolean moved = true; moved && left > 0; ) {
      moved = false;
      for (int u = 0; u < at.length && left > 0; u++) {
        if (!placements.borders(u, at)) continue;
        for (int d = 0; d < devices && left > 0; d++) {
          int before = at[u];
          if (d == before) continue;
          at[u] = d;
          Candidate c = placements.judge(at);
          left--;
          moved |= c.score() < best.score();
          if (c.score() < best.score()) best = c;
          else at[u] = before;
        }
      }
    }
    return best;
  }

  /** Everything on one device, and first stages at the source with the rest on another. */
  private static List<int[]> seeds(Placements placements, int devices) {
    List<int[]> seeds = new ArrayList<>();
    for (int d = 0; d < devices; d++) seeds.add(placements.whole(d));
    for (int i = 0; i < PREFIXES; i++) {
      int[] at = placements.whole(1 + i % (devices - 1));
      int cut = Math.max(1, (int) ((i + 1.0) / (PREFIXES + 1) * at.length));
      for (int u = 0; u < cut; u++) at[u] = Plan.SOURCE;
      seeds.add(at);
    }
    return seeds;
  }
}
