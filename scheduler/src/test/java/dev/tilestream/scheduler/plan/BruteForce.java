package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.scheduler.simulate.Workload;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every plan of this kind: the stages are cut into runs in any way; what a run hands on is cut into blocks of rows; each block of each run
 * is made by any device, halos recomputed inside a run and sent between runs; neighbouring blocks of a run on one device are one tile, or
 * each its own so that rows stream; the earlier run or the earlier block is more urgent. It shares no code with the planners.
 */
final class BruteForce {
  private record Key(int from, int to, int firstBlock, int endBlock) {}

  private final OperatorGraph graph;
  private final Fleet fleet;
  private final int blocks;
  private final Simulator simulator = new Simulator();
  private final Map<Key, List<Rows>> outputs = new HashMap<>();
  private final Map<Key, Band> bands = new HashMap<>();
  private double best = Double.POSITIVE_INFINITY;
  private int plans;

  BruteForce(OperatorGraph graph, Fleet fleet, int blocks) {
    this.graph = graph;
    this.fleet = fleet;
    this.blocks = blocks;
  }

  /** How many plans that is, at most. */
  static long size(int stages, int devices, int blocks) {
    long sum = 0;
    for (int cuts = 0; cuts < 1 << (stages - 1); cuts++) sum += 4 * Math.round(Math.pow(devices, blocks * (Integer.bitCount(cuts) + 1.0)));
    return sum;
  }

  /** Seconds that the best takes. */
  double seconds() {
    int stages = graph.stages().size();
    for (int cuts = 0; cuts < 1 << (stages - 1); cuts++) {
      List<Integer> edges = new ArrayList<>(List.of(0));
      for (int s = 1; s < stages; s++) if ((cuts >> (s - 1) & 1) == 1) edges.add(s);
      edges.add(stages);
      assign(edges, new int[edges.size() - 1][blocks], 0);
    }
    return best;
  }

  int plans() {
    return plans;
  }

  private void assign(List<Integer> edges, int[][] device, int at) {
    if (at == device.length * blocks) {
      for (boolean joined : new boolean[] {true, false})
        for (boolean runsFirst : new boolean[] {true, false}) judge(edges, device, joined, runsFirst);
      return;
    }
    for (int d = 0; d < fleet.size(); d++) {
      device[at / blocks][at % blocks] = d;
      assign(edges, device, at + 1);
    }
  }

  private void judge(List<Integer> edges, int[][] device, boolean joined, boolean runsFirst) {
    List<Tile> tiles = new ArrayList<>();
    List<Band> made = new ArrayList<>();
    for (int run = 0; run < device.length; run++)
      for (int b = 0, end; b < blocks; b = end) {
        end = b + 1;
        while (joined && end < blocks && device[run][end] == device[run][b]) end++;
        Key key = new Key(edges.get(run), edges.get(run + 1), b, end);
        List<Rows> rows = outputs.computeIfAbsent(key, this::outputs);
        if (rows.isEmpty()) continue;
        List<Integer> stages = new ArrayList<>();
        for (int s = key.from; s < key.to; s++) stages.add(s);
        int urgency = runsFirst ? run * blocks + b : b * device.length + run;
        tiles.add(new Tile(tiles.size(), device[run][b], stages, rows, urgency));
        made.add(bands.computeIfAbsent(key, k -> Band.of(graph, stages, rows)));
      }
    plans++;
    Plan plan = new Plan(graph.hash(), Strategy.HYBRID, fleet.names(), tiles, Double.NaN, Double.NaN, true);
    Workload work = Workload.of(graph, plan, fleet, Routes.of(graph, plan, t -> made.get(t.id())));
    best = Math.min(best, simulator.run(work, fleet).latencySeconds());
  }

  private List<Rows> outputs(Key key) {
    List<Rows> rows = new ArrayList<>();
    for (int s = key.from; s < key.to; s++)
      for (int t : graph.stage(s).outputs()) {
        if (!graph.outputs().contains(t) && !readFrom(t, key.to)) continue;
        int all = graph.tensor(t).rows();
        int from = Math.round(all * key.firstBlock / (float) blocks);
        int to = Math.round(all * key.endBlock / (float) blocks);
        if (from < to) rows.add(new Rows(t, new RowSpan(from, to)));
      }
    return rows;
  }

  private boolean readFrom(int tensor, int stage) {
    return graph.stages().stream().anyMatch(s -> s.id() >= stage && s.inputs().contains(tensor));
  }
}
