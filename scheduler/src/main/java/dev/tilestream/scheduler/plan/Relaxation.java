package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A run of stages with everything that makes planning hard left out: any share of any operator can be at the source, elsewhere, or both;
 * nothing waits for anything; only each lane has its work and the air has the bytes that must cross, in each direction: of a tensor the
 * share that is needed on a side less the share made there. The time is then at least what the busiest of these resources has to do, and
 * that at least any weighted mean of what they all have to do. For given weights the least mean is a minimum cut; the weights that give most
 * are approached by multiplicative steps towards the busier resources (Arora, Hazan, Kale 2012). Any weights give a valid bound.
 */
final class Relaxation {
  private static final int STEPS = 90;
  /** Seconds are counted in these, well above what a minimum cut takes for nothing. */
  private static final double UNIT = 1e-4;
  private static final double NEVER = Double.POSITIVE_INFINITY;
  /** Inputs that are needed in a smaller share than this of what they are needed for say too little. */
  private static final double CLOSE = 0.8;

  private final OperatorGraph graph;
  private final Fleet fleet;
  private final NeededRows needed;
  private final List<Operator> operators = new ArrayList<>();
  private final List<Stage> stageOf = new ArrayList<>();
  /** By device and operator: seconds for all of it that is needed. */
  private final double[][] costs;
  private final Map<Integer, Integer> maker = new HashMap<>();
  private final Map<Integer, Double> slack = new HashMap<>();
  private final Map<Integer, List<Integer>> readers = new HashMap<>();
  private final int to;
  private final int up;
  private final int down;
  private final double upRate;
  private final double downRate;

  Relaxation(OperatorGraph graph, Fleet fleet, NeededRows needed, double[][] stageSeconds, int from, int to) {
    this.graph = graph;
    this.fleet = fleet;
    this.needed = needed;
    this.to = to;
    for (int s = from; s < to; s++) {
      for (int o : graph.stage(s).operators()) {
        if (!needed.runs(graph.operator(o))) continue;
        operators.add(graph.operator(o));
        stageOf.add(graph.stage(s));
      }
    }
    costs = new double[fleet.size()][operators.size()];
    for (int i = 0; i < operators.size(); i++) for (int d = 0; d < fleet.size(); d++) costs[d][i] = cost(stageSeconds[d], i);
    for (int i = 0; i < operators.size(); i++) for (int t : operators.get(i).outputs()) if (t >= 0) maker.put(t, i);
    for (int i = 0; i < operators.size(); i++) reads(i);
    up = fleet.size();
    down = fleet.medium() == Medium.SHARED ? up : up + 1;
    upRate = rate(true);
    downRate = rate(false);
  }

  private double rate(boolean towards) {
    var rates = IntStream.range(1, fleet.size())
        .mapToDouble(d -> towards ? fleet.link(Plan.SOURCE, d).bytesPerSecond() : fleet.link(d, Plan.SOURCE).bytesPerSecond());
    boolean alone = fleet.medium() == Medium.PER_LINK || fleet.medium() == Medium.PER_SENDER && !towards;
    return alone ? rates.sum() : rates.max().orElse(1);
  }

  /** Who reads which tensors, as far as that says how much of them is needed. */
  private void reads(int i) {
    Operator o = operators.get(i);
    for (int k = 0; k < o.inputs().size(); k++) {
      int t = o.inputs().get(k);
      if (t < 0 || graph.tensor(t).constant() || needed.count(t) == 0) continue;
      double reach = needed.reach(o, k);
      if (reach < CLOSE) continue;
      slack.merge(t, 1 - reach, Math::max);
      readers.computeIfAbsent(t, x -> new ArrayList<>()).add(i);
    }
    for (int t : o.captured()) {
      if (graph.tensor(t).constant()) continue;
      slack.merge(t, 0.0, Math::max);
      readers.computeIfAbsent(t, x -> new ArrayList<>()).add(i);
    }
  }

  /**
   * Least sum of what the whole time and what the source's computing cost.
   *
   * @param entry stage whose outputs are only elsewhere, or only at the source; -1: the model's inputs
   * @param in whether what comes in is elsewhere
   * @param out whether what goes out is wanted elsewhere
   * @param price of a second that passes, and of a second that the source computes, besides
   */
  double least(int entry, boolean in, boolean out, Price price) {
    int resources = down + 1;
    double[] weights = new double[resources];
    Arrays.fill(weights, 1.0 / resources);
    double best = 0;
    for (int step = 0; step < STEPS; step++) {
      double[] prices = new double[resources];
      for (int r = 0; r < resources; r++) prices[r] = price.second * weights[r] + (r == Plan.SOURCE ? price.computing : 0);
      double[] loads = loads(prices, entry, in, out);
      double mean = 0;
      double sum = 0;
      double most = 0;
      for (int r = 0; r < resources; r++) {
        mean += weights[r] * loads[r];
        sum += prices[r] * loads[r];
        most = Math.max(most, Math.abs(loads[r]));
      }
      best = Math.max(best, sum);
      if (most == 0 || price.computing == 0 && most * price.second <= best * (1 + 1e-6)) break;
      double rate = 3.0 / Math.sqrt(step + 4.0);
      double all = 0;
      for (int r = 0; r < resources; r++) all += weights[r] = Math.max(1e-9, weights[r] * Math.exp(rate * (loads[r] - mean) / most));
      for (int r = 0; r < resources; r++) weights[r] /= all;
    }
    return best * (1 - 1e-6);
  }

  /** What is to be least: each second that passes costs {@code second}, one that the source computes {@code computing} more. */
  record Price(double second, double computing) {
    /** The time alone. */
    static final Price TIME = new Price(1, 0);
  }

  /** What each resource has to do in the least weighted mean. */
  private double[] loads(double[] weights, int entry, boolean in, boolean out) {
    MinCut cut = new MinCut();
    int n = operators.size();
    // Node i: some of operator i is done elsewhere. Node n + i: some of it is not done at the source.
    for (int i = 0; i < 2 * n; i++) cut.node();
    int source = cut.node();
    int sink = cut.node();
    for (int i = 0; i < n; i++) {
      cut.edge(i, sink, elsewhere(weights, i)[1]);
      cut.edge(source, n + i, weights[Plan.SOURCE] * costs[Plan.SOURCE][i] / UNIT);
      cut.edge(n + i, i, NEVER);
    }
    List<Crossing> crossings = new ArrayList<>();
    for (int t = 0; t < graph.tensors().size(); t++) crossing(cut, t, weights, entry, in, out, source, sink, crossings);
    boolean[] side = cut.sourceSide(source, sink);
    double[] loads = new double[weights.length];
    for (int i = 0; i < n; i++) {
      if (side[i]) {
        int d = (int) elsewhere(weights, i)[0];
        loads[d] += costs[d][i];
      }
      if (!side[n + i]) loads[Plan.SOURCE] += costs[Plan.SOURCE][i];
    }
    for (Crossing c : crossings) loads[c.resource] += (side[c.tail] && !side[c.head] ? c.seconds : 0) - c.less;
    return loads;
  }

  /** Air that is busy when the tail is on the source's side of the cut and the head is not, and what to take off for borders. */
  private record Crossing(int tail, int head, int resource, double seconds, double less) {}

  private void crossing(MinCut cut, int t, double[] weights, int entry, boolean in, boolean out, int source, int sink,
      List<Crossing> crossings) {
    Integer made = maker.get(t);
    List<Integer> by = readers.getOrDefault(t, List.of());
    boolean wanted = made != null && leaves(t);
    if (by.isEmpty() && !wanted || made == null && !enters(t, entry)) return;
    double bytes = bytes(t);
    boolean inside = made != null && inside(t, by, made);
    int n = operators.size();
    double less = slack.getOrDefault(t, 0.0);
    if (fleet.size() > 1 && (made != null || !in)) {
      int needs = cut.node();
      for (int r : by) cut.edge(r, needs, NEVER);
      if (wanted && out) cut.edge(source, needs, NEVER);
      add(cut, needs, made == null ? sink : made, up, weights, inside ? NEVER : bytes / upRate, less, crossings);
    }
    if (fleet.size() > 1 && (made != null || in)) {
      int spared = cut.node();
      for (int r : by) cut.edge(spared, n + r, NEVER);
      if (wanted && !out) cut.edge(spared, sink, NEVER);
      add(cut, made == null ? source : n + made, spared, down, weights, inside ? NEVER : bytes / downRate, less, crossings);
    } else if (fleet.size() == 1 && wanted && !out) cut.edge(n + made, sink, NEVER);
  }

  private static void add(MinCut cut, int tail, int head, int resource, double[] weights, double seconds, double less,
      List<Crossing> crossings) {
    cut.edge(tail, head, seconds == NEVER ? NEVER : weights[resource] * seconds / UNIT);
    crossings.add(new Crossing(tail, head, resource, seconds == NEVER ? 0 : seconds, seconds == NEVER ? 0 : seconds * less));
  }

  /** Whether what stands behind, or the caller, wants {@code t}. */
  private boolean leaves(int t) {
    if (to < graph.stages().size()) return graph.stage(to).inputs().contains(t);
    return graph.outputs().contains(t);
  }

  private boolean enters(int t, int entry) {
    Tensor tensor = graph.tensor(t);
    return entry < 0 ? tensor.kind() == Tensor.Kind.INPUT : graph.stage(entry).outputs().contains(t);
  }

  /** Whether {@code t} never leaves a stage: its rows are where they are made. */
  private boolean inside(int t, List<Integer> by, int made) {
    Stage s = stageOf.get(made);
    return !s.outputs().contains(t) && slack.getOrDefault(t, 1.0) == 0 && by.stream().allMatch(r -> stageOf.get(r) == s);
  }

  private double bytes(int t) {
    Tensor tensor = graph.tensor(t);
    if (tensor.dynamic() || tensor.type() == null) return 0;
    return Workload.bytes(tensor, tensor.rows()) * fleet.airShare(t) * needed.count(t) / tensor.rows();
  }

  /** The other device on which operator {@code i} costs least, and what. */
  private double[] elsewhere(double[] weights, int i) {
    double[] best = {0, NEVER};
    for (int d = 1; d < fleet.size(); d++) {
      double weighted = weights[d] * costs[d][i] / UNIT;
      if (weighted < best[1]) best = new double[] {d, weighted};
    }
    return best;
  }

  private double cost(double[] seconds, int i) {
    Operator o = operators.get(i);
    double all = stageOf.get(i).operators().stream().mapToDouble(k -> Math.max(1, graph.operator(k).flops())).sum();
    return seconds[stageOf.get(i).id()] * Math.max(1, o.flops()) / all * needed.share(o);
  }
}
