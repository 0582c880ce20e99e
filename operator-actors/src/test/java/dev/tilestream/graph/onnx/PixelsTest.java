package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import onnx.Onnx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PixelsTest {
  private static final Map<String, Object> SAME = Map.of("pads", new long[] {1, 1, 1, 1});
  private static final Pixels PLANES = new Pixels("x", false, List.of(1.0, 2.0, 3.0), List.of(0.5));

  @TempDir Path directory;

  private ModelSketch image() {
    return new ModelSketch(13, 3).input("x", 1, 3, 16, 16).weights("v", 4, 3, 3, 3).node("Conv", List.of("x", "v"), List.of("y"), SAME).output("y");
  }

  private OperatorGraph load(ModelSketch sketch, Optional<Pixels> pixels) {
    return OnnxImporter.load(sketch.write(directory), Map.of(), pixels, directory.resolve("cache"), Optional.empty());
  }

  @Test
  void theInputComesAsBytesAndIsMadeTheModelsBeforeItsFirstConvolution() {
    OperatorGraph graph = load(image(), Optional.of(PLANES));
    OnnxImporterTest.assertSound(graph);
    Tensor input = graph.tensor(graph.inputs().get(0));
    assertThat(input.name()).isEqualTo("x");
    assertThat(input.type()).isEqualTo(DataType.UINT8);
    assertThat(graph.operators()).extracting(Operator::type).containsExactly("Cast", "Sub", "Mul", "Conv");
    assertThat(graph.operators()).allMatch(Operator::local);
  }

  @Test
  void whatChangesNothingIsLeftOut() {
    OperatorGraph graph = load(image(), Optional.of(new Pixels("x", false, List.of(0.0), List.of(1.0))));
    assertThat(graph.operators()).extracting(Operator::type).containsExactly("Cast", "Conv");
  }

  @Test
  void otherPixelsAreAnotherGraph() {
    ModelSketch sketch = image();
    Path file = sketch.write(directory);
    List<Optional<Pixels>> forms =
        List.of(Optional.empty(), Optional.of(PLANES), Optional.of(new Pixels("x", false, List.of(1.0, 2.0, 3.5), List.of(0.5))));
    assertThat(forms.stream().map(form -> OnnxImporter.load(file, Map.of(), form, directory.resolve("cache"), Optional.empty()).hash()).distinct())
        .hasSize(3);
  }

  @Test
  void bodiesOfBranchesReadTheConvertedInput() {
    Onnx.NodeProto inside = Onnx.NodeProto.newBuilder().setOpType("Neg").addInput("x").addOutput("n").build();
    Onnx.GraphProto reads = Onnx.GraphProto.newBuilder().addNode(inside).addOutput(Onnx.ValueInfoProto.newBuilder().setName("n")).build();
    Onnx.GraphProto hides = reads.toBuilder().addInput(Onnx.ValueInfoProto.newBuilder().setName("x")).build();
    Onnx.NodeProto branch = Onnx.NodeProto.newBuilder().setOpType("If").addInput("c").addOutput("y")
        .addAttribute(Onnx.AttributeProto.newBuilder().setName("then_branch").setG(reads))
        .addAttribute(Onnx.AttributeProto.newBuilder().setName("else_branch").setG(hides)).build();
    Onnx.ModelProto model = Onnx.ModelProto.newBuilder().setGraph(Onnx.GraphProto.newBuilder()
        .addInput(FixedModel.input("x", DataType.FLOAT16.code(), dev.tilestream.tensor.Shape.of(1, 3, 4, 4))).addNode(branch)).build();
    Onnx.GraphProto behind = PLANES.before(model).getGraph();
    Onnx.NodeProto last = behind.getNode(behind.getNodeCount() - 1);
    String converted = behind.getNode(behind.getNodeCount() - 2).getOutput(0);
    assertThat(last.getAttribute(0).getG().getNode(0).getInput(0)).isEqualTo(converted).isNotEqualTo("x");
    assertThat(last.getAttribute(1).getG()).isEqualTo(hides);
    assertThat(behind.getNodeList().subList(0, 4)).extracting(Onnx.NodeProto::getOpType).containsExactly("Cast", "Sub", "Mul", "Cast");
  }

  @Test
  void anInputThatIsMissingOrOfWholeNumbersIsRefused() {
    assertThatThrownBy(() -> load(image(), Optional.of(new Pixels("z", false, List.of(0.0), List.of(1.0)))))
        .isInstanceOf(ModelRefused.class).hasMessage("pixels: input z (expected: one of float32 or float16 that the model has)");
    assertThatThrownBy(() -> new Pixels("x", false, List.of(), List.of(1.0)))
        .hasMessage("mean: [] (expected: 1 to 4 numbers)");
  }
}
