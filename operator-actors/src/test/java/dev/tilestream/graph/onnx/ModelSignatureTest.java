package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSignatureTest {
  @TempDir Path directory;

  private Path open() {
    return new ModelSketch(13, 1).openInput("x", "N", 3, "H", 8).weights("w", 4, 3, 3, 3)
        .node("Conv", List.of("x", "w"), List.of("y"), Map.of("pads", new long[] {1, 1, 1, 1})).output("y").write(directory);
  }

  private OperatorGraph load(Path model, Map<String, Shape> shapes) {
    return OnnxImporter.load(model, shapes, directory.resolve("cache"));
  }

  @Test
  void openDimensionsReadAsMinusOneWithTheirNames() {
    ModelSignature.Port x = ModelSignature.of(open()).inputs().get(0);
    assertThat(x.type()).isEqualTo(DataType.FLOAT32);
    assertThat(x.dims()).containsExactly(-1, 3, -1, 8);
    assertThat(x.names()).containsExactly("N", null, "H", null);
  }

  @Test
  void openDimensionsTakeTheShapeGiven() {
    OperatorGraph graph = load(open(), Map.of("x", Shape.of(2, 3, 10, 8)));
    assertThat(graph.tensor(graph.outputs().get(0)).shape()).isEqualTo(Shape.of(2, 4, 10, 8));
    assertThat(graph.tensor(graph.outputs().get(0)).axis()).isEqualTo(2);
    assertThat(graph.hash()).isNotEqualTo(load(open(), Map.of("x", Shape.of(1, 3, 10, 8))).hash());
  }

  @Test
  void anOpenDimensionWithoutAShapeIsRefusedByName() {
    assertThatThrownBy(() -> load(open(), Map.of())).isInstanceOf(ModelRefused.class).hasMessageContaining("input x: dimension 0 (N)");
  }

  @Test
  void aShapeThatContradictsTheModelIsRefused() {
    assertThatThrownBy(() -> load(open(), Map.of("x", Shape.of(1, 4, 10, 8))))
        .isInstanceOf(ModelRefused.class).hasMessage("input x: shape [1,4,10,8] (expected: [-1, 3, -1, 8], -1 being any)");
    assertThatThrownBy(() -> load(open(), Map.of("z", Shape.of(1)))).isInstanceOf(ModelRefused.class).hasMessageContaining("input z");
  }

  @Test
  void rubbishIsRefused() throws IOException {
    Path rubbish = Files.write(directory.resolve("rubbish.onnx"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    assertThatThrownBy(() -> load(rubbish, Map.of())).isInstanceOf(ModelRefused.class);
    Path empty = Files.write(directory.resolve("empty.onnx"), new byte[0]);
    assertThatThrownBy(() -> load(empty, Map.of())).isInstanceOf(ModelRefused.class);
    assertThatThrownBy(() -> load(directory.resolve("absent.onnx"),
        Map.of())).isInstanceOf(ModelRefused.class).hasMessageContaining("absent.onnx");
  }

  @Test
  void aModelThatOnnxRuntimeCannotRunIsRefusedWithItsReason() {
    Path unknown = new ModelSketch(13, 1).input("x", 1, 3).node("Frobnicate", "x", "y", Map.of()).output("y").write(directory);
    assertThatThrownBy(() -> load(unknown, Map.of())).isInstanceOf(ModelRefused.class)
        .hasMessageStartingWith("ONNX Runtime can't run this model: ").hasMessageContaining("Frobnicate").hasMessageNotContaining(".cc");
  }

  @Test
  void weightsBesideTheModelArePartOfItsIdentity() throws IOException {
    onnx.Onnx.ModelProto sketch = onnx.Onnx.ModelProto.parseFrom(Files.readAllBytes(
        new ModelSketch(13, 1).input("x", 1, 64).weights("w", 1, 64).node("Mul", List.of("x", "w"), List.of("y"),
            Map.of()).output("y").write(directory)));
    onnx.Onnx.TensorProto.Builder w = sketch.getGraph().getInitializer(0).toBuilder().clearFloatData()
        .setDataLocation(onnx.Onnx.TensorProto.DataLocation.EXTERNAL);
    w.addExternalData(onnx.Onnx.StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin"));
    Path model = Files.write(directory.resolve("external.onnx"),
        sketch.toBuilder().setGraph(sketch.getGraph().toBuilder().setInitializer(0, w)).build().toByteArray());
    Files.write(directory.resolve("w.bin"), new byte[256]);
    OperatorGraph zeros = load(model, Map.of());
    byte[] other = new byte[256];
    other[3] = 0x3f;
    Files.write(directory.resolve("w.bin"), other);
    OperatorGraph changed = load(model, Map.of());
    assertThat(changed.hash()).isNotEqualTo(zeros.hash());
    assertThat(changed.weights().bytes(changed.operator(0).inputs().get(1)).getFloat(0)).isEqualTo(0.5f);
    assertThat(zeros.weights().bytes(zeros.operator(0).inputs().get(1)).getFloat(0)).isZero();
  }
}
