package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Plans for one graph and one set of devices over a grid of link rates. Every plan is simulated at every rate, whichever rate it was
 * made for, so looking up what a plan promises at the rate of now is a line between two numbers. Immutable, pure.
 */
public final class PlanTable {
  /** A plan that scores more than this times the best at every rate is of no use. */
  private static final double USELESS = 1.3;
  /** Plans that a table keeps at most, besides those that must stay. */
  private static final int MOST = 24;

  /**
   * A plan, what deploying it takes, and what it promises, by cell. Nothing else of its making is kept.
   *
   * @param input what the source sends of the model's inputs
   * @param airBytes bytes that cross links in one inference, as they probably travel
   * @param hash {@link PlanHash} of it
   * @param scores by the table's {@link Objective}
   * @param seconds latency
   * @param joules of the source
   */
  public record Entry(
      Plan plan, List<Shipment> input, long airBytes, String hash, double[] scores, double[] seconds, double[] joules) {}

  /** Neighbouring cells {@code [from, to)} for which the same plan promises most. */
  public record Band(int from, int to, Entry best) {}

  private final OperatorGraph graph;
  private final Fleet fleet;
  private final RateGrid grid;
  private final Objective objective;
  private final List<Entry> entries;
  private final List<Entry> best;

  private PlanTable(OperatorGraph graph, Fleet fleet, RateGrid grid, Objective objective, List<Entry> entries) {
    this.graph = graph;
    this.fleet = fleet;
    this.grid = grid;
    this.objective = objective;
    this.entries = List.copyOf(entries);
    best = new ArrayList<>();
    for (int c = 0; c < grid.cells() && !entries.isEmpty(); c++) {
      Entry least = entries.get(0);
      for (Entry e : entries) if (e.scores[c] < least.scores[c]) least = e;
      best.add(least);
    }
  }

  /** Without a plan yet. {@code fleet} has the link rates of the grid's middle. */
  public static PlanTable empty(OperatorGraph graph, Fleet fleet, RateGrid grid, Objective objective) {
    return new PlanTable(graph, fleet, grid, objective, List.of());
  }

  /** With these plans, too, judged at every rate; plans that do the same as one that is there already are left out. */
  public PlanTable with(Collection<Plan> plans) {
    List<Entry> all = new ArrayList<>(entries);
    for (Plan plan : plans) {
      String hash = PlanHash.of(plan);
      if (all.stream().noneMatch(e -> e.hash.equals(hash))) all.add(judge(plan, hash));
    }
    return all.size() == entries.size() ? this : new PlanTable(graph, fleet, grid, objective, all);
  }

  private Entry judge(Plan plan, String hash) {
    Fleet part = fleet.part(plan.devices().stream().map(fleet.names()::indexOf).toList());
    Routes routes = Routes.of(graph, plan);
    Workload work = Workload.of(graph, plan, part, routes);
    Simulator simulator = new Simulator();
    double[] scores = new double[grid.cells()];
    double[] seconds = new double[grid.cells()];
    double[] joules = new double[grid.cells()];
    for (int c = 0; c < grid.cells(); c++) {
      Simulation s = simulator.run(work, part.withRates(grid.factor(c)));
      scores[c] = objective.score(s);
      seconds[c] = s.latencySeconds();
      joules[c] = s.sourceJoules();
    }
    return new Entry(
        plan, Shipment.fromSource(plan, routes), AirTraffic.bytes(graph, plan, routes, part), hash, scores, seconds, joules);
  }

  /** Without the plans that use another device than these. */
  public PlanTable only(Collection<String> devices) {
    List<Entry> kept = entries.stream().filter(e -> devices.containsAll(e.plan.devices())).toList();
    return kept.size() == entries.size() ? this : new PlanTable(graph, fleet, grid, objective, kept);
  }

  /**
   * Without the plans that are far from the best at every rate, and without the least promising where there are too many.
   *
   * @param kept {@link PlanHash} of plans that stay in any case
   */
  public PlanTable pruned(Set<String> kept) {
    List<Entry> useful = new ArrayList<>(entries);
    useful.removeIf(e -> !kept.contains(e.hash) && excess(e) > USELESS);
    if (useful.size() > MOST) {
      useful.sort(Comparator.comparingDouble(this::excess));
      for (int i = useful.size() - 1; i >= MOST; i--) if (!kept.contains(useful.get(i).hash)) useful.remove(i);
    }
    return useful.size() == entries.size() ? this : new PlanTable(graph, fleet, grid, objective, useful);
  }

  /** Its score against the best, at the rate where it is nearest to it. */
  private double excess(Entry e) {
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < grid.cells(); c++) least = Math.min(least, e.scores[c] / best.get(c).scores[c]);
    return least;
  }

  public List<Entry> entries() {
    return entries;
  }

  /** What it was made for. */
  public Fleet fleet() {
    return fleet;
  }

  public RateGrid grid() {
    return grid;
  }

  public Optional<Entry> find(String hash) {
    return entries.stream().filter(e -> e.hash.equals(hash)).findFirst();
  }

  /** The plan that promises most in {@code cell}; empty when there is none at all. */
  public Optional<Entry> best(int cell) {
    return best.isEmpty() ? Optional.empty() : Optional.of(best.get(cell));
  }

  /** What the objective makes of {@code entry} when all links are {@code factor} times as fast as the table's fleet's. */
  public double score(Entry entry, double factor) {
    return score(entry, factor, 1);
  }

  /** The same when it takes {@code ratio} times what it promises. */
  public double score(Entry entry, double factor, double ratio) {
    Place at = place(factor);
    return objective.stretched(between(entry.scores, at), between(entry.seconds, at), between(entry.joules, at), ratio);
  }

  /** Likewise its latency. */
  public double seconds(Entry entry, double factor) {
    return between(entry.seconds, place(factor));
  }

  /** Likewise its energy. */
  public double joules(Entry entry, double factor) {
    return between(entry.joules, place(factor));
  }

  /** @param share of the way from the cell {@code low} to the next */
  private record Place(int low, double share) {}

  /** Between two cells, straight in the time that a byte takes; beyond the grid, its end. */
  private Place place(double factor) {
    double at = grid.position(factor);
    int low = (int) at;
    if (low >= grid.cells() - 1) return new Place(grid.cells() - 1, 0);
    double slow = 1 / grid.factor(low);
    double fast = 1 / grid.factor(low + 1);
    double share = at <= 0 ? 0 : (slow - 1 / factor) / (slow - fast);
    return new Place(low, Math.max(0, Math.min(1, share)));
  }

  private static double between(double[] cells, Place at) {
    return at.share == 0 ? cells[at.low] : cells[at.low] + (cells[at.low + 1] - cells[at.low]) * at.share;
  }

  /** The grid cut where another plan becomes the best, from slow links to fast ones. */
  public List<Band> bands() {
    List<Band> bands = new ArrayList<>();
    int from = 0;
    for (int c = 1; c <= best.size(); c++)
      if (c == best.size() || best.get(c) != best.get(from)) {
        bands.add(new Band(from, c, best.get(from)));
        from = c;
      }
    return bands;
  }
}
