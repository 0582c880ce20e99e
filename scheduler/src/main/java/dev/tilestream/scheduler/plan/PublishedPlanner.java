package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Hybrid-Parallel's own scheduler, LOSS, as its paper describes it (Sun et al., arXiv 2405.19257): of every local operator a share is
 * computed on the robot and the rest on one server, global operators are on one of the two, and the shares are found by differential
 * evolution. The published system's split is not exact: it cuts halos off, to {@link #HALO} rows of the model's input on either side,
 * the overlap of 16 that it shows for VGG19. Here that is for {@link PlanOptions#halo} to say, as for every strategy.
 *
 * <p>What evolves here is a share for each of a few runs of stages and where these runs end, rather than one number a stage: every change
 * of the share costs a transmission, so good solutions change it rarely, and the search space stays small. Shares are rounded to
 * hundredths, as the published system does. Individuals are judged by the simulator.
 */
public final class PublishedPlanner implements Planner {
  /** Rows of the model's input beyond a device's share that the published system lets it see. */
  public static final int HALO = 8;

  private static final int RUNS = 4;
  private static final int POPULATION = 32;
  private static final int GENERATIONS = 40;
  private static final int SERVERS_TRIED = 2;
  private static final long SEED = 240519257;
  /** Shares nearer to none or all than this are none or all. */
  private static final double LEAST_SHARE = 0.04;

  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    return search.plan(Strategy.PUBLISHED, best(search));
  }

  /** The best split between the source and one other device, with the halo of the search's options. */
  static Candidate best(Search search) {
    Candidate best = search.judge(search.whole(Plan.SOURCE));
    if (search.stages() == 0) return best;
    List<Integer> servers = new ArrayList<>();
    for (int d = 1; d < search.fleet().size(); d++) servers.add(d);
    servers.sort(Comparator.comparingDouble(d -> search.judge(search.whole(d)).score()));
    for (int d : servers.subList(0, Math.min(SERVERS_TRIED, servers.size()))) {
      DifferentialEvolution evolution =
          new DifferentialEvolution(x -> search.judge(layout(search, d, x)).score(), GENERATIONS, SEED + d);
      double[] found = evolution.evolve(2 * RUNS - 1, POPULATION, seeds());
      best = Search.better(best, search.judge(layout(search, d, found)));
    }
    return best;
  }

  /** Shares of the runs, then where all but the last of them end. */
  private static List<double[]> seeds() {
    List<double[]> seeds = new ArrayList<>();
    double[][] shares = {
      {1, 1, 1, 1}, {0, 0, 0, 0}, {0.5, 0.5, 0.5, 0.5}, {0.5, 0.5, 0, 0}, {0.5, 0.5, 1, 1}, {1, 0, 0, 0}, {0, 1, 1, 1},
      // One share of all that is local, and what is global where more of it is.
      {0.25, 0.25, 0.25, 0.25}, {0.4, 0.4, 0.4, 0.4}, {0.65, 0.65, 0.65, 0.65}, {0.8, 0.8, 0.8, 0.8}};
    for (double[] s : shares) {
      double[] x = new double[2 * RUNS - 1];
      System.arraycopy(s, 0, x, 0, RUNS);
      for (int i = 1; i < RUNS; i++) x[RUNS + i - 1] = i / (double) RUNS;
      seeds.add(x);
    }
    return seeds;
  }

  /** The layout that an individual stands for. */
  private static Layout layout(Search search, int server, double[] x) {
    int n = search.stages();
    int[] ends = new int[RUNS];
    for (int i = 0; i < RUNS - 1; i++) ends[i] = (int) Math.round(x[RUNS + i] * n);
    ends[RUNS - 1] = n;
    java.util.Arrays.sort(ends);
    List<Segment> segments = new ArrayList<>();
    int from = 0;
    double share = -1;
    int start = 0;
    for (int run = 0; run < RUNS; run++) {
      int to = ends[run] == n ? n : search.cuts().nearest(ends[run], from, n);
      for (int at = from; at < to; ) {
        int next = Math.min(to, following(search, at));
        double here = share(search, at, next, x[run]);
        if (here != share && at > start) {
          segments.add(segment(search, server, start, at, share));
          start = at;
        }
        share = here;
        at = next;
      }
      from = Math.max(from, to);
    }
    segments.add(segment(search, server, start, n, share));
    return new Layout(segments);
  }

  /** The first place behind {@code stage} where the list may be cut. */
  private static int following(Search search, int stage) {
    int next = stage + 1;
    while (next < search.stages() && !search.cuts().allowed(next)) next++;
    return next;
  }

  /** The source's share of stages that stay together: what is not local is on one device. */
  private static double share(Search search, int from, int to, double wanted) {
    double rounded = Math.round(wanted * 100) / 100.0;
    boolean divisible = to == from + 1 && search.cuts().divisible(from, 2);
    if (!divisible) return rounded >= 0.5 ? 1 : 0;
    return rounded < LEAST_SHARE ? 0 : rounded > 1 - LEAST_SHARE ? 1 : rounded;
  }

  private static Segment segment(Search search, int server, int from, int to, double share) {
    int devices = search.fleet().size();
    if (share == 1) return Segment.on(Plan.SOURCE, devices, from, to);
    if (share == 0) return Segment.on(server, devices, from, to);
    double[] weights = new double[devices];
    weights[Plan.SOURCE] = share;
    weights[server] = 1 - share;
    return Segment.shared(from, to, weights);
  }
}
