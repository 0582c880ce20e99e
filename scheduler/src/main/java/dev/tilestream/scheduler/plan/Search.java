package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.Pieces.Piece;
import dev.tilestream.scheduler.plan.Tiling.Tiled;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What the planners share for one graph and fleet: layouts judged by the simulator, each once. Not thread-safe. */
final class Search {
  /** What judging a layout costs besides its tiles, in tiles. */
  static final int TILES_A_LAYOUT = 4;

  /** A layout, or else tiles that come of none, how long they take, and their score by the objective: less is better. */
  record Candidate(Layout layout, Tiled tiled, double seconds, double score, double load) {}

  private final OperatorGraph graph;
  private final Fleet fleet;
  private final List<String> names;
  private final PlanOptions options;
  private final Cuts cuts;
  private final Tiling tiling;
  private final Simulator simulator = new Simulator();
  private final Map<Layout, Candidate> judged = new HashMap<>();
  private long cost;

  Search(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    fleet.requireProfiled(graph);
    this.graph = graph;
    this.fleet = fleet;
    names = fleet.names();
    this.options = options;
    cuts = new Cuts(graph, fleet);
    tiling = new Tiling(graph, cuts, options.halo());
  }

  /** What another learned of the graph holds for any devices. */
  private Search(Search other, Fleet fleet, PlanOptions options) {
    graph = other.graph;
    this.fleet = fleet;
    names = fleet.names();
    this.options = options;
    cuts = other.cuts;
    tiling = options.halo() == other.options.halo() ? other.tiling : new Tiling(graph, cuts, options.halo());
  }

  OperatorGraph graph() {
    return graph;
  }

  Fleet fleet() {
    return fleet;
  }

  PlanOptions options() {
    return options;
  }

  Cuts cuts() {
    return cuts;
  }

  int stages() {
    return cuts.stages();
  }

  Candidate judge(Layout layout) {
    Candidate known = judged.get(layout);
    if (known == null) {
      Tiled tiled = tiling.tiles(layout);
      Simulation s = simulate(fleet, draft(tiled.tiles(), names), tiled.pieces());
      cost += tiled.tiles().size() + TILES_A_LAYOUT;
      known = new Candidate(layout, null, s.latencySeconds(), options.objective().score(s), load(s));
      judged.put(layout, known);
    }
    return known;
  }

  /** Tiles that come of no layout. */
  Candidate judge(List<Tile> tiles) {
    Tiled tiled = new Tiled(tiles, tiles.stream().map(t -> Piece.of(t.stages(), t.outputs(), t.band(graph))).toList());
    Simulation s = simulate(fleet, draft(tiles, names), tiled.pieces());
    cost += tiles.size() + TILES_A_LAYOUT;
    return new Candidate(null, tiled, s.latencySeconds(), options.objective().score(s), load(s));
  }

  /** How busy all lanes and links are for the time it takes: what is left of them a search may still use. */
  private double load(Simulation s) {
    double sum = 0;
    for (int from = 0; from < fleet.size(); from++) {
      sum += s.busySeconds(from);
      for (int to = 0; to < fleet.size(); to++) if (from != to) sum += s.bytes(from, to) / fleet.link(from, to).bytesPerSecond();
    }
    return sum / s.latencySeconds();
  }

  /** What a candidate is made of. */
  Tiled tiled(Candidate candidate) {
    return candidate.layout() == null ? candidate.tiled() : tiling.tiles(candidate.layout());
  }

  /** A search of its own among some of the devices. */
  Search part(List<Integer> devices) {
    return new Search(this, fleet.part(devices), options);
  }

  /** A search of its own with other options. */
  Search with(PlanOptions other) {
    return new Search(this, fleet, other);
  }

  /** Tiles simulated so far, and {@link #TILES_A_LAYOUT} for each layout: what the search's time goes with, but repeatable. */
  long cost() {
    return cost;
  }

  /** The best by the objective; the first of equals. */
  Candidate best(List<Layout> layouts) {
    Candidate best = null;
    for (Layout l : layouts) best = better(best, judge(l));
    if (best == null) throw new IllegalArgumentException("search: no layout");
    return best;
  }

  static Candidate better(Candidate a, Candidate b) {
    return a == null || b.score() < a.score() ? b : a;
  }

  /** Everything on one device, as one tile. */
  Layout whole(int device) {
    return stages() == 0 ? Layout.of() : Layout.of(Segment.on(device, fleet.size(), 0, stages()));
  }

  /** The plan: only devices that compute, and the source; latency and energy as simulated. */
  Plan plan(Strategy strategy, Candidate candidate) {
    return plan(strategy, Pruning.wanted(graph, names, tiled(candidate)));
  }

  private Plan plan(Strategy strategy, Tiled tiled) {
    TreeSet<Integer> used = new TreeSet<>(List.of(Plan.SOURCE));
    for (Tile t : tiled.tiles()) used.add(t.device());
    List<Integer> kept = new ArrayList<>(used);
    List<Tile> tiles = new ArrayList<>();
    for (Tile t : tiled.tiles())
      tiles.add(new Tile(t.id(), kept.indexOf(t.device()), t.stages(), t.outputs(), t.urgency(), t.horizon()));
    Fleet part = fleet.part(kept);
    Plan draft = draft(tiles, part.names());
    Simulation s = simulate(part, draft, tiled.pieces());
    boolean rounds = options.precision() != Precision.FP32 && AirTraffic.ofFloats(graph, draft, routes(draft, tiled.pieces()));
    boolean exact = !rounds && tiled.pieces().stream().allMatch(p -> p.band().exact());
    Precision precision = rounds ? options.precision() : Precision.FP32;
    return new Plan(graph.hash(), strategy, part.names(), tiles, s.latencySeconds(), s.sourceJoules(), exact, precision);
  }

  private Plan draft(List<Tile> tiles, List<String> devices) {
    return new Plan(graph.hash(), Strategy.HYBRID, devices, tiles, Double.NaN, Double.NaN, true);
  }

  private Simulation simulate(Fleet devices, Plan plan, List<Piece> pieces) {
    return simulator.run(Workload.of(graph, plan, devices, routes(plan, pieces), t -> pieces.get(t.id()).shares()), devices);
  }

  private Routes routes(Plan plan, List<Piece> pieces) {
    return Routes.of(graph, plan, t -> pieces.get(t.id()).band());
  }
}
