package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.plan.Search.Candidate;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Walks from a layout to better neighbours: group by group of {@link Moves}, the best of each, in ever finer steps, until nothing helps
 * or what the search may cost is spent.
 */
final class Climb {
  private static final int ROUNDS = 6;
  /** By step: weight of the load. */
  private static final double[] LOADS = {0.05, 0.02, 0.005, 0};
  /** Gains smaller than this share are not worth following. */
  private static final double GAIN = 1e-4;
  /** Shakes in vain, for each unit of effort, after which it stays. */
  private static final int IDLE = 60;
  /** A shaken layout that is worse by more than this is not climbed from. */
  private static final double NEAR = 1.05;

  private final Search search;
  private final Moves moves;

  Climb(Search search) {
    this.search = search;
    moves = new Moves(search);
  }

  /**
   * @param roomy whether coarse steps also go down in load
   * @param limit {@link Search#cost} at which it stops
   */
  Candidate from(Candidate start, int coarsest, int finest, boolean roomy, long limit) {
    Candidate best = start;
    for (int step = coarsest; step <= finest; step++)
      for (int round = 0; round < ROUNDS; round++) {
        Candidate before = best;
        double weight = roomy ? LOADS[step] : 0;
        best = sweep(best, step, weight, limit);
        if (height(best, weight) >= height(before, weight) * (1 - GAIN) || search.cost() >= limit) break;
      }
    return Search.better(start, best);
  }

  /**
   * What a step goes down: the score, and at coarse steps also a little how busy lanes and links are. A change that frees what does not
   * hold the answer up yet does not show in the score, but makes room for the next.
   */
  private static double height(Candidate c, double weight) {
    return c.score() * (1 + weight * c.load());
  }

  private Candidate sweep(Candidate start, int step, double weight, long limit) {
    Candidate best = start;
    List<Supplier<List<Layout>>> groups = moves.groups(best.layout(), step);
    for (int g = 0; g < groups.size() && search.cost() < limit; g++) {
      Candidate found = best;
      for (Layout l : groups.get(g).get()) {
        Candidate c = search.judge(l);
        if (height(c, weight) < height(found, weight)) found = c;
      }
      if (height(found, weight) >= height(best, weight) * (1 - GAIN)) continue;
      best = found;
      groups = moves.groups(best.layout(), step);
    }
    return best;
  }

  /** Leaves a summit by several steps at once and climbs again; takes what is better. Repeats exactly: the seed is fixed. */
  Candidate shaken(Candidate start, long limit) {
    Random random = new Random(7);
    Candidate best = start;
    for (int idle = 0; idle < IDLE * search.options().effort() && search.cost() < limit; idle++) {
      Layout away = best.layout();
      int hops = 2 + random.nextInt(2);
      for (int h = 0; h < hops; h++) away = neighbour(away, random);
      Candidate c = search.judge(away);
      if (c.score() < best.score() * NEAR) c = from(c, 2, 3, false, Math.min(limit, search.cost() + (limit - search.cost()) / 8));
      if (c.score() < best.score() * (1 - GAIN)) idle = 0;
      best = Search.better(best, c);
    }
    return best;
  }

  private Layout neighbour(Layout layout, Random random) {
    List<Supplier<List<Layout>>> groups = moves.groups(layout, random.nextInt(Moves.steps()));
    List<Layout> group = List.of();
    // The last one, the order, never is.
    while (group.isEmpty()) group = groups.get(random.nextInt(groups.size())).get();
    return group.get(random.nextInt(group.size()));
  }
}
