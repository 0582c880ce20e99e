package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.Kernel;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node ends while somebody still holds one of its kernels. */
class HeldKernelsTest {
  @TempDir private Path directory;

  private Kernel hold(Node node) {
    OperatorGraph graph = OnnxImporter.load(directory.resolve("models/small/1/model.onnx"), Map.of(), directory.resolve("graphs"));
    int output = graph.outputs().get(0);
    return node.kernels().create(
        Band.of(graph, graph.stages().stream().map(Stage::id).toList(), List.of(new Rows(output, graph.tensor(output).all()))));
  }

  @Test
  void whenItJoinsAnewTheNextStartServes() throws Exception {
    try (TestMembers members = new TestMembers(directory, "robot-1")) {
      NodeMain robot = members.start("robot-1");
      Node before = robot.node();
      try (Kernel held = hold(before)) {
        assertThatThrownBy(before.kernels()::close).hasMessageContaining("still in use");
        Cluster cluster = Cluster.get(before.system());
        cluster.manager().tell(new Down(cluster.selfMember().address()));
        await().atMost(TestMembers.PATIENCE).until(() -> robot.node() != before);
        assertThat(members.devices("robot-1")).containsExactly("robot-1");
      }
    }
  }

  @Test
  void whenItStopsNobodyListensAnyMore() throws Exception {
    try (TestMembers members = new TestMembers(directory, "robot-1")) {
      NodeMain robot = members.start("robot-1");
      try (Kernel held = hold(robot.node())) {
        members.stop("robot-1");
        assertThatThrownBy(() -> new Socket("127.0.0.1", robot.httpAddress().getPort()).close()).isInstanceOf(ConnectException.class);
      }
    }
  }
}
