package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.List;

/**
 * The same graph with its stages listed in another order in which each stands behind those it reads from, so that layouts, which cut the
 * list, cut the graph along another frontier.
 */
final class Reordered {
  private final Search original;
  private final List<Integer> order;
  private final Search search;

  /** @param order stage ids */
  Reordered(Search original, List<Integer> order) {
    this.original = original;
    this.order = List.copyOf(order);
    OperatorGraph g = original.graph();
    List<Stage> stages = new ArrayList<>();
    for (int id : order) {
      Stage s = g.stage(id);
      stages.add(new Stage(stages.size(), s.operators(), s.inputs(), s.outputs(), s.local(), s.flops()));
    }
    OperatorGraph graph =
        new OperatorGraph(g.hash(), g.model(), g.tensors(), g.initializers(), g.operators(), stages, g.inputs(), g.outputs(), g.weights());
    Fleet f = original.fleet();
    List<DeviceProfile> devices = f.devices().stream().map(this::reordered).toList();
    search = new Search(graph, new Fleet(devices, f.links(), f.medium(), f.waits()), original.options());
  }

  private DeviceProfile reordered(DeviceProfile p) {
    return new DeviceProfile(
        p.device(), p.graphHash(), order.stream().map(p.stages()::get).toList(), p.fusedRatio(), p.tileSeconds(), p.power());
  }

  /** For layouts of the reordered list. */
  Search search() {
    return search;
  }

  /** The candidate in terms of the original graph; it has no layout there. */
  Candidate restored(Candidate candidate) {
    List<Tile> tiles = new ArrayList<>();
    for (Tile t : search.tiled(candidate).tiles()) {
      List<Integer> stages = t.stages().stream().map(order::get).sorted().toList();
      tiles.add(new Tile(t.id(), t.device(), stages, t.outputs(), t.urgency(), t.horizon()));
    }
    return original.judge(tiles);
  }
}
