package dev.tilestream.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.cli.simulate.TinyProfile;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.repository.Sha256;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedModelsTest {
  private static final Power POWER = new Power(4, 9, 5, 5);
  private static final Map<String, Shape> INPUT = Map.of("input", Shape.of(1, 3, 64, 64));

  @TempDir private Path directory;

  private Path profile(boolean uint8) throws Exception {
    byte[] log = TinyProfile.json().getBytes(StandardCharsets.UTF_8);
    return Files.write(directory.resolve(uint8 + ".json"), LoggedModels.variant(log, uint8, POWER));
  }

  private static Band whole(OperatorGraph graph) {
    Tensor out = graph.tensor(graph.outputs().get(0));
    return Band.of(graph, IntStream.range(0, graph.stages().size()).boxed().toList(), List.of(new Rows(out.id(), out.all())));
  }

  @Test
  void eachRoleTakesItsPartOfTheLog() throws Exception {
    LoggedModels robot = new LoggedModels("robot-1", true);
    LoggedModels edge = new LoggedModels("edge-1", false);
    GraphCache.Measured measured = robot.measure(profile(false), INPUT);
    edge.measure(profile(false), INPUT);
    assertThat(robot.seconds(whole(measured.graph()))).isCloseTo(31e-3, within(1e-6));
    assertThat(edge.seconds(whole(measured.graph()))).isCloseTo(1.6e-3, within(1e-6));
    assertThat(measured.profile().device()).isEqualTo("robot-1");
    assertThat(measured.profile().power()).isEqualTo(POWER);
  }

  @Test
  void theVariantWithBytesIsAnotherGraph() throws Exception {
    LoggedModels robot = new LoggedModels("robot-1", true);
    OperatorGraph floats = robot.measure(profile(false), INPUT).graph();
    OperatorGraph bytes = robot.measure(profile(true), INPUT).graph();
    assertThat(bytes.hash()).isNotEqualTo(floats.hash());
    assertThat(bytes.tensor(bytes.inputs().get(0)).type()).isEqualTo(DataType.UINT8);
    assertThat(robot.knows(floats)).isTrue();
    assertThat(new LoggedModels("robot-2", true).knows(floats)).isFalse();
  }

  @Test
  void isDescribedLikeAnyModel() throws Exception {
    Path file = profile(false);
    ModelRecord record = new ModelRecord("tiny", "1", Sha256.ofFile(file), Files.size(file), new byte[0]);
    LoadedModel model = new LoggedModels("robot-1", true).describe(record, file, ModelConfig.NONE);
    assertThat(model.inputs()).containsExactly(new ModelStatus.Port("input", DataType.FLOAT32, List.of(1L, 3L, 64L, 64L)));
    assertThat(model.outputs()).singleElement().satisfies(port -> assertThat(port.shape()).containsExactly(1L, 10L));
  }

  @Test
  void otherShapesAndBrokenProfilesAreRefused() throws Exception {
    LoggedModels robot = new LoggedModels("robot-1", true);
    assertThatThrownBy(() -> robot.measure(profile(false), Map.of("input", Shape.of(1, 3, 32, 64))))
        .isInstanceOf(ModelRefused.class).hasMessageContaining("as logged");
    Path broken = Files.writeString(directory.resolve("broken.json"), "{\"ops\": 3}");
    assertThat(LoggedModels.is(broken)).isTrue();
    assertThatThrownBy(() -> robot.measure(broken, INPUT)).isInstanceOf(ModelRefused.class);
    assertThat(LoggedModels.is(Files.write(directory.resolve("model.onnx"), new byte[] {8, 7}))).isFalse();
  }
}
