package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import org.junit.jupiter.api.Test;

class PlanTextTest {
  @Test
  void namesDevicesStagesRowsAndBytesOfEachLink() {
    OperatorGraph graph = Graphs.chain(2, 30);
    String text = PlanText.of(graph, new EvenPlanner().plan(graph, Fleets.robotAndEdges(graph, 1, 1e9, 90), PlanOptions.DEFAULT));
    assertThat(text).startsWith("even, 4 tiles on robot-1, edge-1: ");
    assertThat(text).contains("  tile 1: stage 0 makes t1 [15, 30)");
    // 16 of 30 input rows of 3 x 16 floats there; one halo row of 8 x 16 floats each way; 15 rows of the answer back.
    assertThat(text).contains("robot-1 > edge-1: %,d bytes".formatted(16 * 3 * 16 * 4 + 8 * 16 * 4));
    assertThat(text).contains("edge-1 > robot-1: %,d bytes".formatted(8 * 16 * 4 + 15 * 8 * 16 * 4));
  }
}
