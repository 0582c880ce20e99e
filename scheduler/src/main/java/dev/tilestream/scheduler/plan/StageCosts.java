package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.StageTime;

/** What a device's stages take at the very least, however they are cut into tiles. */
final class StageCosts {
  private final OperatorGraph graph;
  private final DeviceProfile device;

  StageCosts(OperatorGraph graph, DeviceProfile device) {
    this.graph = graph;
    this.device = device;
  }

  /** By stage: seconds for all its work, at the share of rows where a row is cheapest, fused as far as can be. */
  double[] leastSeconds() {
    double fusion = Math.min(1, device.fusion(graph.stages().size()));
    double[] least = new double[graph.stages().size()];
    for (Stage s : graph.stages()) least[s.id()] = fusion * cheapest(device.stages().get(s.id()), smallest(s));
    return least;
  }

  /** The least share of the stage's work that a tile can have: one row of one operator. */
  private double smallest(Stage s) {
    double all = s.operators().stream().mapToDouble(o -> Math.max(1, graph.operator(o).flops())).sum();
    double least = 1;
    for (int o : s.operators()) {
      if (!graph.operator(o).local()) continue;
      int rows = graph.operator(o).outputs().stream().filter(t -> t >= 0).mapToInt(t -> graph.tensor(t).rows()).max().orElse(1);
      least = Math.min(least, Math.max(1, graph.operator(o).flops()) / all / rows);
    }
    return s.operators().stream().allMatch(o -> !graph.operator(o).local()) && s.operators().size() == 1 ? 1 : least;
  }

  /** Least seconds a share; between the points of the table the ratio has no dip. */
  private static double cheapest(StageTime time, double smallest) {
    double least = Math.min(time.whole(), time.at(smallest) / smallest);
    for (double share : time.shares()) if (share >= smallest) least = Math.min(least, time.at(share) / share);
    return least;
  }
}
