package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs that tiles make, that are constants, and that are inputs; and that their memory comes back whatever happens. */
class AnswersTest {
  private static final Shape SHAPE = Shape.of(1, 4);

  @TempDir private Path directory;
  private final BufferPool pool = BufferPool.bounded(1 << 20, 0);
  private OperatorGraph graph;
  private String constant;
  private String made;
  private TensorSlice input;

  @BeforeEach
  void load() throws IOException {
    OnnxModelBuilder model = new OnnxModelBuilder("outputs", 7).input("x", DataType.FLOAT32, 1, 4);
    constant = model.reals(1.5f, -2f, 3f);
    made = model.node("Relu", List.of("x"));
    model.output(made, DataType.FLOAT32, 1, 4).output(constant, DataType.FLOAT32, 3).output("x", DataType.FLOAT32, 1, 4);
    Path file = Files.write(directory.resolve("model.onnx"), model.toBytes());
    graph = OnnxImporter.load(file, Map.of(), directory.resolve("cache"));
    input = Value.random(DataType.FLOAT32, SHAPE, 3).slice(pool, 0, -1);
  }

  @AfterEach
  void nothingStaysInUse() {
    input.release();
    assertThat(pool.inUse()).isZero();
  }

  private List<TensorSlice> rows() {
    int id = graph.tensor(made).orElseThrow().id();
    return List.of(Value.random(DataType.FLOAT32, SHAPE, 4).slice(pool, id, -1));
  }

  @Test
  void everyKindOfOutputIsThereInTheModelsOrder() {
    Map<String, TensorSlice> outputs = Answers.outputs(graph, List.of(), Map.of("x", input), rows(), pool);
    assertThat(outputs.keySet()).containsExactly(made, constant, "x");
    assertThat(Value.copyOf(outputs.get(made)).deviation(Value.random(DataType.FLOAT32, SHAPE, 4))).isZero();
    Value three = Value.copyOf(outputs.get(constant));
    assertThat(List.of(three.at(0), three.at(1), three.at(2))).containsExactly(1.5, -2.0, 3.0);
    assertThat(Value.copyOf(outputs.get("x")).deviation(Value.random(DataType.FLOAT32, SHAPE, 3))).isZero();
    outputs.values().forEach(TensorSlice::release);
  }

  @Test
  void whatWasNotAskedForIsReleased() {
    Map<String, TensorSlice> outputs = Answers.outputs(graph, List.of(constant), Map.of("x", input), rows(), pool);
    assertThat(outputs.keySet()).containsExactly(constant);
    outputs.values().forEach(TensorSlice::release);
  }

  @Test
  void anOutputThatNeverCameIsAnErrorAndHoldsNoMemory() {
    assertThatThrownBy(() -> Answers.outputs(graph, List.of(), Map.of("x", input), List.of(), pool)).hasMessageContaining("nothing came");
    assertThatThrownBy(() -> Answers.outputs(graph, List.of(), Map.of(), rows(), pool)).hasMessageContaining("output x: nothing came");
  }
}
