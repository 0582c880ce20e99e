package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Relaxation.Price;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Power;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Seconds, or joules, below which no exact plan for a graph and a fleet answers, by the simulator's rules. Between stages that everything
 * waits for (global ones that nothing passes by) the work is shared like a fluid by a {@link Relaxation}; those stages themselves are done
 * by one device at a time. A chain over them, with what is before and behind at the source or elsewhere, gives the least sum.
 */
public final class LowerBound {
  private static final int SOURCE = 0;
  private static final int ELSEWHERE = 1;

  private final OperatorGraph graph;
  private final Fleet fleet;
  private final NeededRows needed;
  private final double[][] seconds;
  private final Price price;

  private LowerBound(OperatorGraph graph, Fleet fleet, Price price) {
    this.price = price;
    this.graph = graph;
    this.fleet = fleet;
    needed = new NeededRows(graph);
    seconds = new double[fleet.size()][];
    for (int d = 0; d < fleet.size(); d++) seconds[d] = new StageCosts(graph, fleet.device(d)).leastSeconds();
  }

  /** @throws IllegalArgumentException when a device of the fleet was profiled on another graph */
  public static double seconds(OperatorGraph graph, Fleet fleet) {
    fleet.requireProfiled(graph);
    return graph.operators().isEmpty() ? 0 : new LowerBound(graph, fleet, Price.TIME).chain();
  }

  /**
   * Joules of the source below which no exact plan answers, however long it takes: its idle watts for as long as the answer takes, and what
   * computing draws more for as long as it computes. What its radio draws more is left out.
   */
  public static double joules(OperatorGraph graph, Fleet fleet) {
    fleet.requireProfiled(graph);
    Power power = fleet.device(Plan.SOURCE).power();
    Price price = new Price(power.idleWatts(), power.computeWatts() - power.idleWatts());
    return graph.operators().isEmpty() ? 0 : new LowerBound(graph, fleet, price).chain();
  }

  /** By where the data is: the least price until then. */
  private double chain() {
    double[] so = {0, Double.POSITIVE_INFINITY};
    List<Integer> barriers = barriers();
    int from = 0;
    int entry = -1;
    for (int barrier : barriers) {
      double[] next = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
      for (int in = SOURCE; in <= ELSEWHERE; in++)
        for (int out = SOURCE; out <= ELSEWHERE && so[in] < Double.POSITIVE_INFINITY; out++) {
          if (out == ELSEWHERE && fleet.size() == 1) continue;
          next[out] = Math.min(next[out], so[in] + between(from, barrier, entry, in, out) + alone(barrier, out));
        }
      so = next;
      entry = barrier;
      from = barrier + 1;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int in = SOURCE; in <= ELSEWHERE; in++)
      if (so[in] < Double.POSITIVE_INFINITY) best = Math.min(best, so[in] + between(from, graph.stages().size(), entry, in, SOURCE));
    return best;
  }

  /** What stage {@code s} costs at the source, or on the quickest other device. */
  private double alone(int s, int side) {
    if (side == SOURCE) return seconds[Plan.SOURCE][s] * (price.second() + price.computing());
    return price.second() * IntStream.range(1, fleet.size()).mapToDouble(d -> seconds[d][s]).min().orElseThrow();
  }

  /** Price of stages {@code [from, to)} from what stage {@code entry} hands on (-1: the model's input), for what stands behind. */
  private double between(int from, int to, int entry, int in, int out) {
    Relaxation relaxation = new Relaxation(graph, fleet, needed, seconds, from, to);
    return relaxation.least(entry, in == ELSEWHERE, out == ELSEWHERE, price);
  }

  /** Global stages such that every other one is before or behind by what it reads. */
  private List<Integer> barriers() {
    int n = graph.stages().size();
    int[] maker = new int[graph.tensors().size()];
    java.util.Arrays.fill(maker, -1);
    for (Stage s : graph.stages()) for (int t : s.outputs()) maker[t] = s.id();
    BitSet[] before = new BitSet[n];
    BitSet[] behind = new BitSet[n];
    for (int s = 0; s < n; s++) {
      before[s] = new BitSet();
      behind[s] = new BitSet();
    }
    for (int s = 0; s < n; s++)
      for (int t : graph.stage(s).inputs())
        if (maker[t] >= 0) {
          before[s].or(before[maker[t]]);
          before[s].set(maker[t]);
        }
    for (int s = 0; s < n; s++) for (int p = before[s].nextSetBit(0); p >= 0; p = before[s].nextSetBit(p + 1)) behind[p].set(s);
    List<Integer> barriers = new ArrayList<>();
    for (int s = 0; s < n; s++)
      if (!graph.stage(s).local() && whole(graph.stage(s)) && before[s].cardinality() == s && behind[s].cardinality() == n - 1 - s)
        barriers.add(s);
    return barriers;
  }

  private boolean whole(Stage s) {
    return s.operators().stream().map(graph::operator).allMatch(o -> !o.local() && needed.runs(o));
  }
}
