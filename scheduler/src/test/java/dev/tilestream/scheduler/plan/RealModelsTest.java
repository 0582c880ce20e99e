package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.profile.Fleet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealModelsTest {
  @TempDir Path cache;

  @ParameterizedTest
  @ValueSource(strings = {
    "models/fastestdet-352.onnx", "models/ultraface-rfb-320.onnx", "models/mnist.onnx", "onnx-architectures/light_resnet50.onnx",
    "onnx-architectures/light_densenet121.onnx", "onnx-architectures/light_shufflenet.onnx", "onnx-architectures/light_squeezenet.onnx",
    "onnx-architectures/light_inception_v1.onnx"
  })
  void everyStrategyPlansEveryModel(String name) throws Exception {
    Path model = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve(name);
    Assumptions.assumeTrue(Files.exists(model), "test data is absent: " + model);
    OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
    try {
      for (double megabits : new double[] {10, 93, 1000}) {
        Fleet fleet = Fleets.robotAndEdges(graph, 2, 5e9, megabits);
        Map<Strategy, Double> millis = new EnumMap<>(Strategy.class);
        for (Strategy s : Strategy.values()) {
          Plan plan = Planners.of(s).plan(graph, fleet, PlanOptions.DEFAULT);
          Routes.of(graph, plan);
          // The published split may be quicker, since it leaves work out.
          if (plan.exact()) millis.put(s, plan.predictedSeconds() * 1000);
        }
        assertThat(millis.values()).allSatisfy(v -> assertThat(v).isGreaterThanOrEqualTo(millis.get(Strategy.HYBRID) * (1 - 1e-9)));
      }
    } finally {
      graph.weights().close();
    }
  }

  /** Not a test: planning time and predictions for the models given. */
  public static void main(String[] args) throws Exception {
    Path cache = Files.createTempDirectory("tilestream-plan");
    for (String name : args) {
      OperatorGraph graph = OnnxImporter.load(Path.of(name), Map.of(), cache);
      long local = graph.stages().stream().filter(s -> s.local()).count();
      System.out.printf("%s: %d stages (%d local), %d operators%n",
          Path.of(name).getFileName(), graph.stages().size(), local, graph.operators().size());
      for (double megabits : List.of(10.0, 40.0, 93.0, 1000.0)) {
        Fleet fleet = Fleets.robotAndEdges(graph, 2, 5e9, megabits);
        StringBuilder line = new StringBuilder("  %6.0f Mbit/s".formatted(megabits));
        for (Strategy s : Strategy.values()) {
          long start = System.nanoTime();
          Plan plan = Planners.of(s).plan(graph, fleet, PlanOptions.DEFAULT);
          line.append("  %s %.2f ms, %d tiles (planned in %.0f ms)"
              .formatted(s.word(), plan.predictedSeconds() * 1000, plan.tiles().size(), (System.nanoTime() - start) / 1e6));
        }
        System.out.println(line);
      }
    }
  }
}
