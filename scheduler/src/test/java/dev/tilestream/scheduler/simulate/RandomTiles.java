package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Plans that no planner would make but that are allowed: every stage in one to six row spans, on random devices, of random urgency. */
final class RandomTiles {
  private RandomTiles() {}

  static Plan plan(OperatorGraph graph, Fleet fleet, Random random) {
    List<Tile> tiles = new ArrayList<>();
    for (Stage s : graph.stages()) {
      int pieces = s.local() && s.outputs().size() == 1 ? 1 + random.nextInt(6) : 1;
      int rows = graph.tensor(s.outputs().get(0)).rows();
      for (int p = 0; p < pieces; p++) {
        int from = rows * p / pieces;
        int to = rows * (p + 1) / pieces;
        if (from == to) continue;
        List<Rows> outputs = pieces == 1
            ? s.outputs().stream().map(t -> new Rows(t, graph.tensor(t).all())).toList()
            : List.of(new Rows(s.outputs().get(0), new RowSpan(from, to)));
        tiles.add(new Tile(tiles.size(), random.nextInt(fleet.size()), List.of(s.id()), outputs, random.nextInt(20)));
      }
    }
    return new Plan(graph.hash(), Strategy.HYBRID, fleet.names(), tiles, Double.NaN, Double.NaN, true);
  }
}
