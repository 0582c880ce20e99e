package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.GraphReport;
import dev.tilestream.graph.Locality;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class OnnxImporterTest {
  private static final Logger log = LoggerFactory.getLogger(OnnxImporterTest.class);

  /** Give other answers every time, or insist on sensible inputs. */
  private static final Set<String> RANDOM_OR_PICKY = Set.of("Dropout", "OneHot");

  @TempDir Path cache;

  @Test
  void everyModelOfTheTestDataIsImported() {
    List<String> refused = new ArrayList<>();
    List<Path> models = new ArrayList<>(TestModels.below("onnx-operators"));
    models.addAll(TestModels.below("onnx-architectures"));
    models.addAll(TestModels.below("models"));
    Map<String, Integer> why = new TreeMap<>();
    for (Path model : models) {
      try {
        OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
        assertSound(graph);
        for (Operator o : graph.operators()) if (o.locality() instanceof Locality.Global g) why.merge(g.why(), 1, Integer::sum);
        graph.weights().close();
      } catch (ModelRefused e) {
        refused.add(model.getParent().getFileName() + ": " + e.getMessage());
      }
    }
    why.forEach((w, n) -> log.info("{} x {}", n, w));
    assertThat(refused).isEmpty();
  }

  @Test
  void bandsOfTheTestDataHoldAllRowsThatMatter() {
    int tried = 0;
    for (Path model : TestModels.below("onnx-operators")) {
      OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
      if (canBePerturbed(graph)) {
        new Perturbation(graph, model, 11).assertSufficient();
        tried++;
      }
      graph.weights().close();
    }
    assertThat(tried).isGreaterThan(150);
  }

  @Test
  void importsOfOneModelAtTheSameTimeDoNotMeet() {
    Path model = TestModels.model("fastestdet-352");
    List<OperatorGraph> graphs = java.util.stream.IntStream.range(0, 4).parallel()
        .mapToObj(i -> OnnxImporter.load(model, Map.of(), cache)).toList();
    assertThat(graphs).allSatisfy(g -> assertThat(g.stages()).isEqualTo(graphs.get(0).stages()));
    assertThat(graphs.stream().map(OperatorGraph::hash).distinct()).hasSize(1);
    assertThat(cache.toFile().list()).as("one directory, nothing left behind").hasSize(1);
    graphs.forEach(g -> g.weights().close());
  }

  private static boolean canBePerturbed(OperatorGraph graph) {
    return graph.inputs().stream().map(graph::tensor).allMatch(t -> t.type() == DataType.FLOAT32 && t.shape().elements() > 0
        && t.rows() < 40)
        && graph.outputs().stream().map(graph::tensor).allMatch(t -> t.kind() == Tensor.Kind.VALUE && t.shape() != null)
        && graph.operators().stream().anyMatch(Operator::local)
        && graph.operators().stream().noneMatch(o -> RANDOM_OR_PICKY.contains(o.type()));
  }

  @Test
  void mostWorkOfConvolutionalNetworksIsLocal() {
    for (String name : List.of("resnet50", "densenet121", "shufflenet", "squeezenet", "inception_v1")) {
      GraphReport report = report(TestModels.architecture(name));
      assertThat(report.localShare()).as(name).isGreaterThan(0.95);
    }
    assertThat(report(TestModels.model("fastestdet-352")).localShare()).isGreaterThan(0.95);
    assertThat(report(TestModels.model("ultraface-rfb-320")).localShare()).isGreaterThan(0.95);
  }

  private GraphReport report(Path model) {
    OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
    GraphReport report = GraphReport.of(graph);
    log.info("{}: {}", model.getFileName(), report);
    if (Boolean.getBoolean("tilestream.stages")) for (Stage s : graph.stages()) log.info("{}", describe(graph, s));
    graph.weights().close();
    return report;
  }

  private static String describe(OperatorGraph graph, Stage s) {
    return "%d %s %s in %s out %s".formatted(
        s.id(), s.local() ? "local" : "global", s.operators().stream().map(o -> graph.operator(o).type()).toList(),
        s.inputs().stream().map(graph::tensor).map(t -> t.name() + t.shape() + "@" + t.axis()).toList(),
        s.outputs().stream().map(graph::tensor).map(t -> t.name() + t.shape() + "@" + t.axis()).toList());
  }

  /** Stages and operators read only what stands before them or comes from outside. */
  static void assertSound(OperatorGraph graph) {
    int[] stageOf = new int[graph.tensors().size()];
    java.util.Arrays.fill(stageOf, -1);
    int operators = 0;
    for (Stage s : graph.stages()) {
      operators += s.operators().size();
      for (int t : s.inputs())
        assertThat(stageOf[t] >= 0 || graph.tensor(t).kind() == Tensor.Kind.INPUT).as("stage %s reads %s", s, graph.tensor(t)).isTrue();
      for (int o : s.operators()) for (int t : graph.operator(o).outputs()) if (t >= 0) stageOf[t] = s.id();
      for (int t : s.outputs()) assertThat(stageOf[t]).isEqualTo(s.id());
    }
    assertThat(operators).isEqualTo(graph.operators().size());
  }
}
