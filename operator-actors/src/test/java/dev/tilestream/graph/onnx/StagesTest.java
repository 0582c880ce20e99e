package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagesTest {
  private static final Map<String, Object> NONE = Map.of();
  private static final Map<String, Object> SAME = Map.of("pads", new long[] {1, 1, 1, 1});

  @TempDir Path directory;

  private OperatorGraph load(ModelSketch sketch) {
    OperatorGraph graph = OnnxImporter.load(sketch.write(directory), Map.of(), directory.resolve("cache"));
    OnnxImporterTest.assertSound(graph);
    return graph;
  }

  private static List<String> types(OperatorGraph graph, Stage stage) {
    return stage.operators().stream().map(graph::operator).map(Operator::type).toList();
  }

  private static List<List<String>> types(OperatorGraph graph) {
    return graph.stages().stream().map(s -> types(graph, s)).toList();
  }

  private ModelSketch image() {
    return new ModelSketch(14, 3).input("x", 1, 4, 32, 32).weights("v", 4, 4, 3, 3).weights("w", 4, 4, 3, 3);
  }

  @Test
  void aResidualAdditionAndItsActivationJoinTheLaterConvolution() {
    OperatorGraph graph = load(image()
        .node("Conv", List.of("x", "v"), List.of("a"), SAME).node("Relu", "a", "b", NONE)
        .node("Conv", List.of("b", "w"), List.of("c"), SAME).node("Add", List.of("c", "b"), List.of("d"), NONE)
        .node("Relu", "d", "y", NONE).output("y"));
    assertThat(types(graph)).containsExactly(List.of("Conv", "Relu"), List.of("Conv", "Add", "Relu"));
    assertThat(graph.stage(1).inputs()).hasSize(1);
    assertThat(graph.stage(1).outputs()).containsExactly(graph.outputs().get(0));
  }

  @Test
  void anActivationOfSeveralOperatorsStaysInOneStage() {
    OperatorGraph silu = load(image()
        .node("Conv", List.of("x", "v"), List.of("a"), SAME).node("Sigmoid", "a", "s", NONE).node("Mul", List.of("a", "s"), List.of("b"),
            NONE)
        .node("Conv", List.of("b", "w"), List.of("y"), SAME).output("y"));
    assertThat(types(silu)).containsExactly(List.of("Conv", "Sigmoid", "Mul"), List.of("Conv"));
    OperatorGraph hardSwish = load(image().reals("three", 3).reals("zero", 0).reals("six", 6)
        .node("Conv", List.of("x", "v"), List.of("a"), SAME).node("Add", List.of("a", "three"), List.of("p"), NONE)
        .node("Max", List.of("p", "zero"), List.of("q"), NONE).node("Mul", List.of("a", "q"), List.of("r"), NONE)
        .node("Div", List.of("r", "six"), List.of("b"), NONE).node("Conv", List.of("b", "w"), List.of("y"), SAME).output("y"));
    assertThat(types(hardSwish)).containsExactly(List.of("Conv", "Add", "Max", "Mul", "Div"), List.of("Conv"));
  }

  @Test
  void squeezeAndExciteIsOneGlobalStageBetweenLocalOnes() {
    OperatorGraph graph = load(image().weights("down", 2, 4, 1, 1).weights("up", 4, 2, 1, 1)
        .node("Conv", List.of("x", "v"), List.of("a"), SAME).node("GlobalAveragePool", "a", "g", NONE)
        .node("Conv", List.of("g", "down"), List.of("d"), NONE).node("Relu", "d", "r", NONE).node("Conv", List.of("r", "up"),
            List.of("u"), NONE)
        .node("Sigmoid", "u", "s", NONE).node("Mul", List.of("a", "s"), List.of("m"), NONE)
        .node("Conv", List.of("m", "w"), List.of("y"), SAME).output("y"));
    assertThat(types(graph)).containsExactly(
        List.of("Conv"), List.of("GlobalAveragePool", "Conv", "Relu", "Conv", "Sigmoid"), List.of("Mul", "Conv"));
    assertThat(graph.stages().stream().map(Stage::local)).containsExactly(true, false, true);
  }

  @Test
  void whatDependsOnTheDataIsOneStageAtTheEnd() {
    OperatorGraph graph = load(image().integers("flat", -1)
        .node("Conv", List.of("x", "v"), List.of("a"), SAME).node("Relu", "a", "b", NONE)
        .node("Reshape", List.of("b", "flat"), List.of("f"), NONE).node("NonZero", "f", "n", NONE)
        .node("Transpose", "n", "t", NONE).node("Conv", List.of("b", "w"), List.of("z"), SAME).output("t").output("z"));
    Stage last = graph.stage(graph.stages().size() - 1);
    assertThat(types(graph, last)).containsExactly("NonZero", "Transpose");
    assertThat(graph.tensor(graph.outputs().get(0)).dynamic()).isTrue();
    assertThat(graph.tensor(graph.outputs().get(1)).dynamic()).isFalse();
    assertThat(graph.stages().stream().filter(s -> !s.local()).flatMap(s -> s.outputs().stream()).filter(t -> graph.tensor(t).dynamic()))
        .containsExactly(graph.outputs().get(0));
  }

  @Test
  void aBatchOfImagesIsStillCutByHeight() {
    OperatorGraph graph = load(new ModelSketch(13, 1).input("x", 4, 3, 16, 16).weights("w", 8, 3, 3, 3)
        .node("Conv", List.of("x", "w"), List.of("y"), SAME).output("y"));
    assertThat(graph.tensor(graph.inputs().get(0)).axis()).isEqualTo(2);
  }

  @Test
  void imagesWithChannelsLastAreCutByHeight() {
    OperatorGraph graph = load(new ModelSketch(13, 1).input("x", 1, 16, 20, 3).weights("w", 8, 3, 3, 3)
        .node("Transpose", "x", "t", Map.of("perm", new long[] {0, 3, 1, 2})).node("Conv", List.of("t", "w"), List.of("y"),
            SAME).output("y"));
    assertThat(graph.tensor(graph.inputs().get(0)).axis()).isEqualTo(1);
    assertThat(graph.tensor(graph.outputs().get(0)).axis()).isEqualTo(2);
  }

  @Test
  void perceptronsAreCutByTokensAndAttentionTakesKeysWhole() {
    OperatorGraph graph = load(new ModelSketch(17, 1).input("x", 1, 12, 8).weights("q", 8, 8).weights("k", 8, 8).weights("v", 8, 8)
        .node("MatMul", List.of("x", "q"), List.of("xq"), NONE).node("MatMul", List.of("x", "k"), List.of("xk"), NONE)
        .node("MatMul", List.of("x", "v"), List.of("xv"), NONE).node("Transpose", "xk", "kt", Map.of("perm", new long[] {0, 2, 1}))
        .node("MatMul", List.of("xq", "kt"), List.of("s"), NONE).node("Softmax", "s", "p", Map.of("axis", -1))
        .node("MatMul", List.of("p", "xv"), List.of("y"), NONE).output("y"));
    assertThat(graph.operators()).allMatch(Operator::local);
    assertThat(graph.tensor(graph.outputs().get(0)).axis()).isEqualTo(1);
  }

  @Test
  void aConstantCutAlongTwoAxesHasANameForEach() {
    OperatorGraph graph = load(new ModelSketch(13, 1).input("x", 1, 1, 6, 6).weights("c", 6, 6)
        .node("Mul", List.of("x", "c"), List.of("a"), NONE).node("Transpose", "a", "t", Map.of("perm", new long[] {0, 1, 3, 2}))
        .node("Mul", List.of("t", "c"), List.of("y"), NONE).output("y"));
    assertThat(graph.operators()).allMatch(Operator::local);
    List<Integer> constants = graph.operators().stream().filter(o -> o.type().equals("Mul")).map(o -> o.inputs().get(1)).toList();
    assertThat(constants.stream().map(graph::tensor).map(dev.tilestream.graph.Tensor::axis)).containsExactlyInAnyOrder(0, 1);
    assertThat(graph.weights().bytes(constants.get(0))).isEqualTo(graph.weights().bytes(constants.get(1)));
  }
}
