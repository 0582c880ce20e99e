package dev.tilestream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.cli.CommandFailed;
import dev.tilestream.cli.demo.StrategyTrial.Result;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  @Test
  void networkAndPictureAreTheSameEveryTime() throws Exception {
    assertThat(DemoNetwork.onnx()).isEqualTo(DemoNetwork.onnx());
    assertThat(DemoPicture.png(64, 48)).isEqualTo(DemoPicture.png(64, 48));
  }

  @Test
  void theOwnScenarioRunsAndItsAnswerDependsOnThePicture(@TempDir Path directory) throws Exception {
    DemoScenario scenario = DemoScenario.own(directory);
    try (WholeModel whole = WholeModel.open(scenario.modelFile())) {
      Map<String, TensorBytes> answer = whole.run(scenario.input());
      TensorBytes black = new TensorBytes(
          scenario.input().name(), DataType.UINT8, scenario.input().shape(), ByteBuffer.allocate(scenario.input().elements()));
      assertThat(answer.get("cells").shape()).containsExactly(1L, 12L, 28L, 40L);
      assertThat(Deviation.largest(answer, whole.run(scenario.input()))).isLessThan(1e-6);
      assertThat(Deviation.largest(answer, whole.run(black))).isGreaterThan(0.05);
      double[] cells = IntStream.range(0, answer.get("cells").elements()).mapToDouble(answer.get("cells")::value).distinct().toArray();
      assertThat(cells.length).as("distinct values: the sigmoid is not saturated").isGreaterThan(10_000);
    }
  }

  @Test
  void aModelWithoutAPictureInputIsRefusedWithItsShape(@TempDir Path directory) throws Exception {
    NetworkBuilder net = new NetworkBuilder("vector", 1);
    net.input("x", DataType.FLOAT32, List.of(1L, 10L));
    net.output("y", net.relu("x"), List.of(1L, 10L));
    Path model = Files.write(directory.resolve("vector.onnx"), net.build());
    Path picture = Files.write(directory.resolve("p.png"), DemoPicture.png(8, 8));
    assertThatThrownBy(() -> DemoScenario.of(directory, "vector", model, picture))
        .isInstanceOf(CommandFailed.class).hasMessageContaining("x: [1, 10]");
  }

  @Test
  void deviationIsAShareOfTheLargestValue() {
    assertThat(Deviation.largest(Map.of("a", floats("a", 1, -4)), Map.of("a", floats("a", 1.5f, -4)))).isEqualTo(0.125);
    assertThat(Deviation.largest(Map.of("a", floats("a", 1, Float.NaN)), Map.of("a", floats("a", 1, Float.NaN)))).isZero();
    assertThat(Deviation.largest(Map.of("a", floats("a", 1, 2)), Map.of("a", floats("a", 1, Float.NaN)))).isInfinite();
    assertThat(Deviation.largest(Map.of("a", floats("a", 1)), Map.of("a", floats("a", 1, 1)))).isInfinite();
    assertThat(Deviation.largest(Map.of("a", floats("a", 1)), Map.of("b", floats("b", 1)))).isInfinite();
  }

  @Test
  void aDeviationAboveTheToleranceIsAFaultThatNamesTheStrategy() throws Exception {
    Result good = new Result("local", 1, 2, 0, List.of("robot-1"), 1e-6, true);
    Result bad = new Result("even", 1.23456, 2, 500, List.of("edge-1", "robot-1"), 0.5, true);
    assertThat(new DemoReport(List.of(good)).fault()).isEmpty();
    assertThat(new DemoReport(List.of(good, bad)).fault().orElseThrow()).contains("even by 0.500").doesNotContain("local");
    assertThat(new DemoReport(List.of(new Result("even", 1, 1, 1, List.of(), Double.NaN, true))).fault()).isPresent();
    JsonNode json = new ObjectMapper().readTree(new DemoReport(List.of(good, bad)).json());
    assertThat(json.at("/strategies/1/latencyMedianMs").asDouble()).isEqualTo(1.235);
    assertThat(json.at("/strategies/1/devices/0").asText()).isEqualTo("edge-1");
  }

  @Test
  void aStrategyThatSaysItIsInexactMayDeviateButNotBeOfAnotherShape() {
    Result published = new Result("published", 1, 2, 0, List.of("robot-1"), 0.02, false);
    assertThat(new DemoReport(List.of(published)).fault()).isEmpty();
    assertThat(new DemoReport(List.of(published)).table()).containsPattern("published .* no .*2.0e-02");
    Result broken = new Result("published", 1, 2, 0, List.of("robot-1"), Double.POSITIVE_INFINITY, false);
    assertThat(new DemoReport(List.of(broken)).fault().orElseThrow()).contains("published");
  }

  private static TensorBytes floats(String name, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new TensorBytes(name, DataType.FLOAT32, List.of((long) values.length), bytes);
  }
}
