package dev.tilestream.bench;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import dev.tilestream.zoo.Zoo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A network of the zoo and devices of made-up speed to plan for: robots of 20 GFLOP/s, the second device an edge of 50. */
record PlanningSubject(OperatorGraph graph, Fleet fleet) {
  private static final double ROBOT_FLOPS = 2e10;
  private static final double EDGE_FLOPS = 5e10;

  static PlanningSubject of(Zoo zoo, int devices, double megabits, Path cache) {
    OperatorGraph graph = OnnxImporter.load(zoo.file(cache), Map.of(), cache.resolve("imported"));
    List<DeviceProfile> profiles = IntStream.range(0, devices)
        .mapToObj(d -> profile("device-" + d, graph, d == 1 ? EDGE_FLOPS : ROBOT_FLOPS)).toList();
    return new PlanningSubject(graph, Fleet.uniform(profiles, LinkEstimate.ofMegabits(megabits, 1)));
  }

  private static DeviceProfile profile(String name, OperatorGraph graph, double flopsPerSecond) {
    List<StageTime> stages = graph.stages().stream().map(s -> StageTime.linear(30e-6, 30e-6 + s.flops() / flopsPerSecond)).toList();
    return new DeviceProfile(name, graph.hash(), stages, 0.9, DeviceProfile.DEFAULT_TILE_SECONDS, Power.ROBOT);
  }
}
