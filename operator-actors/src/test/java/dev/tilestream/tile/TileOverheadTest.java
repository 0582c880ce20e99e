package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a tile costs beside its kernel: a chain of 100 tiles of almost no work, against the same kernels' own time. */
class TileOverheadTest {
  private static final int DEPTH = 100;

  @Test
  void aTileCostsMicrosecondsBesideItsKernel() throws Exception {
    try (Device robot = Device.alone("robot")) {
      OperatorGraph graph = BoxGraph.chain(DEPTH, 1, 4, 4);
      robot.graphs.put(graph.hash(), graph);
      List<Tile> tiles = new ArrayList<>();
      for (Stage s : graph.stages())
        tiles.add(new Tile(s.id(), 0, List.of(s.id()), List.of(new Rows(s.id() + 1, graph.tensor(0).all())), s.id()));
      Plan plan = new Plan(graph.hash(), Strategy.LOCAL, List.of("robot"), tiles, Double.NaN, Double.NaN, true);
      DeploymentId id = new DeploymentId(1, 1);
      robot.deploy(id, plan, robot);
      double[] micros = new double[400];
      float[] input = TileActorTest.random(graph, 1);
      for (int n = 0; n < micros.length; n++) {
        InferenceId inference = new InferenceId(1, n);
        long busy = robot.host.lane().busyNanos();
        long start = System.nanoTime();
        robot.infer(graph, plan, id, inference, input).toCompletableFuture().join();
        long kernels = robot.host.lane().busyNanos() - busy;
        micros[n] = (System.nanoTime() - start - kernels) / 1000.0 / DEPTH;
      }
      robot.undeploy(id, robot);
      double[] warm = Arrays.copyOfRange(micros, micros.length / 2, micros.length);
      Arrays.sort(warm);
      System.out.printf("overhead per tile: median %.1f us, p95 %.1f us%n", warm[warm.length / 2], warm[warm.length * 95 / 100]);
      // The goal is 20; shared build machines get room.
      assertThat(warm[warm.length / 2]).isLessThan(60);
    }
  }
}
