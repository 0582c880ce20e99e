package dev.tilestream.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tilestream.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ZooTest {
  /** Parameter counts of the originals, as torchvision states them, plus batch statistics (two values a channel). */
  private static final Map<Zoo, Long> WEIGHT_BYTES = Map.of(
      Zoo.SQUEEZENET, 4L * 1_235_496,
      Zoo.RESNET50, 4L * (25_557_032 + 2 * 26_560),
      Zoo.DENSENET121, 4L * (7_978_856 + 2 * 41_824),
      Zoo.VGG19, 4L * 143_667_240,
      Zoo.MOBILENET_V2, 4L * (3_504_872 + 2 * 17_056));

  @TempDir static Path cache;

  @ParameterizedTest
  @EnumSource(value = Zoo.class, names = "FASTESTDET", mode = EnumSource.Mode.EXCLUDE)
  void networksHaveTheirOriginalsWeightsAndAnswersThatDependOnTheInput(Zoo zoo) throws Exception {
    Path file = zoo.file(cache);
    assertThat(Files.size(file)).isBetween(WEIGHT_BYTES.get(zoo), WEIGHT_BYTES.get(zoo) + 150_000);
    try (Oracle oracle = Oracle.of(file, 2)) {
      Value one = oracle.run(oracle.randomInputs(1)).values().iterator().next();
      Value two = oracle.run(oracle.randomInputs(2)).values().iterator().next();
      assertThat(one.shape()).isEqualTo(Shape.of(1, 1000));
      assertThat(one.deviation(two)).isBetween(1e-3, 10.0);
      assertThat(one.at(0)).isNotEqualTo(one.at(1));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void aSeedDeterminesTheBytes() {
    assertThat(Networks.squeezenet(5).toBytes()).isEqualTo(Networks.squeezenet(5).toBytes()).isNotEqualTo(Networks.squeezenet(6).toBytes());
  }

  @Test
  void randomisedArchitecturesAnswerDifferentlyPerClassAndInput() {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    assertThat(RandomisedArchitectures.published()).hasSize(5);
    for (Path published : RandomisedArchitectures.published()) {
      try (Oracle oracle = Oracle.of(RandomisedArchitectures.randomised(published, 3).toByteArray())) {
        Value one = oracle.run(oracle.randomInputs(1)).values().iterator().next();
        Value two = oracle.run(oracle.randomInputs(2)).values().iterator().next();
        assertThat(one.deviation(two)).as("%s", published.getFileName()).isBetween(1e-3, 1e3);
        assertThat(one.at(0)).isNotEqualTo(one.at(1));
      }
    }
  }

  @Test
  void onnxRuntimeReproducesEveryTestVector() {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    assertThat(TestVector.operators()).hasSizeGreaterThan(350).allSatisfy(vector -> {
      try (Oracle oracle = Oracle.of(vector.model(), 1)) {
        Map<String, Value> inputs = new java.util.HashMap<>();
        for (int i = 0; i < vector.inputs().size(); i++) inputs.put(oracle.inputs().get(i), vector.inputs().get(i));
        Map<String, Value> outputs = oracle.run(inputs);
        for (int i = 0; i < vector.outputs().size(); i++)
          assertThat(vector.outputs().get(i).deviation(outputs.get(oracle.outputs().get(i)))).as(vector.name()).isLessThan(1e-3);
      }
    });
  }
}
