package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Fleets with made-up figures. */
public final class Fleets {
  private Fleets() {}

  /** A device of so many operations a second and so much overhead a stage. */
  public static DeviceProfile device(String name, OperatorGraph graph, double flopsPerSecond, double floorSeconds) {
    List<StageTime> stages = graph.stages().stream()
        .map(s -> StageTime.linear(floorSeconds, floorSeconds + s.flops() / flopsPerSecond))
        .toList();
    return new DeviceProfile(name, graph.hash(), stages, 0.9, DeviceProfile.DEFAULT_TILE_SECONDS, Power.ROBOT);
  }

  /** A robot and {@code edges} servers ten times as fast, each pair on a wire of its own. */
  public static Fleet robotAndEdges(OperatorGraph graph, int edges, double robotFlops, double megabits) {
    List<DeviceProfile> devices = new ArrayList<>(List.of(device("robot-1", graph, robotFlops, 30e-6)));
    for (int i = 1; i <= edges; i++) devices.add(device("edge-" + i, graph, 10 * robotFlops, 15e-6));
    return Fleet.uniform(devices, LinkEstimate.ofMegabits(megabits, 1));
  }

  /** One to four devices of any speed on links of any rate, half of which pack. */
  public static Fleet random(OperatorGraph graph, Random random) {
    int n = 1 + random.nextInt(4);
    List<DeviceProfile> devices = new ArrayList<>();
    for (int i = 0; i < n; i++) devices.add(device("d" + i, graph, Math.pow(10, 7 + 3 * random.nextDouble()), 1e-4 * random.nextDouble()));
    List<List<LinkEstimate>> links = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      List<LinkEstimate> row = new ArrayList<>();
      for (int j = 0; j < n; j++) row.add(LinkEstimate.ofMegabits(Math.pow(10, 3 * random.nextDouble()), 5 * random.nextDouble()));
      links.add(row);
    }
    Medium medium = Medium.values()[random.nextInt(3)];
    if (random.nextBoolean()) devices.set(0, devices.get(0).packing(shares(graph, random)));
    return new Fleet(devices, links, medium);
  }

  /** How well each tensor packs, as it comes. */
  public static List<Double> shares(OperatorGraph graph, Random random) {
    return graph.tensors().stream().map(t -> 1 - 0.9 * random.nextDouble() * random.nextInt(2)).toList();
  }
}
