package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.Pieces.Piece;
import dev.tilestream.scheduler.plan.Tiling.Tiled;
import java.util.ArrayList;
import java.util.List;

/** Leaves out tiles whose rows nobody takes: where two devices make the same rows, each takes its own. */
final class Pruning {
  private Pruning() {}

  static Tiled wanted(OperatorGraph graph, List<String> devices, Tiled tiled) {
    Tiled now = tiled;
    while (true) {
      List<Piece> pieces = now.pieces();
      Plan plan = new Plan(graph.hash(), Strategy.HYBRID, devices, now.tiles(), Double.NaN, Double.NaN, true);
      Routes routes = Routes.of(graph, plan, t -> pieces.get(t.id()).band());
      List<Tile> tiles = new ArrayList<>();
      List<Piece> kept = new ArrayList<>();
      for (Tile t : now.tiles()) {
        if (routes.fromTile().get(t.id()).isEmpty()) continue;
        tiles.add(new Tile(tiles.size(), t.device(), t.stages(), t.outputs(), t.urgency(), t.horizon()));
        kept.add(pieces.get(t.id()));
      }
      if (tiles.size() == now.tiles().size()) return now;
      now = new Tiled(tiles, kept);
    }
  }
}
