package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputCheckTest {
  private static final LoadedModel MODEL =
      model(new Port("x", DataType.FLOAT32, List.of(-1L, 3L)), new Port("n", DataType.INT64, List.of()));

  private static LoadedModel model(Port... inputs) {
    return new LoadedModel(
        "m", "1", "sha", List.of(inputs), List.of(new Port("y", DataType.FLOAT32, List.of(-1L))), Optional.empty(), Optional.empty());
  }

  private static TensorSlice slice(DataType type, int... dims) {
    Shape shape = Shape.of(dims);
    ByteBuffer memory = ByteBuffer.allocateDirect((int) shape.bytes(type));
    return TensorSlice.of(0, type, shape, -1, TensorSlice.all(shape, -1), NativeBuffer.wrap(memory, () -> {}));
  }

  /** Dimensions like {@code 2x3}, empty for a scalar, {@code -} for no such input. */
  private static void put(Map<String, TensorSlice> inputs, String name, String type, String dims) {
    if (dims.equals("-")) return;
    int[] shape = dims.isEmpty() ? new int[0] : Arrays.stream(dims.split("x")).mapToInt(Integer::parseInt).toArray();
    inputs.put(name, slice(DataType.valueOf(type), shape));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "FLOAT32 | 2x3   | INT64 | ''  | y | ''",
    "FLOAT32 | 0x3   | INT64 | ''  | y | ''",
    "FLOAT32 | 9x3   | INT64 | ''  | y | ''",
    "FLOAT32 | 2x4   | INT64 | ''  | y | 'input x: shape [2,4] (expected: [-1, 3])'",
    "FLOAT32 | 3     | INT64 | ''  | y | 'input x: shape [3] (expected: [-1, 3])'",
    "FLOAT32 | 2x3x1 | INT64 | ''  | y | 'input x: shape [2,3,1] (expected: [-1, 3])'",
    "FLOAT64 | 2x3   | INT64 | ''  | y | 'input x: datatype FP64 (expected: FP32)'",
    "FLOAT32 | 2x3   | INT64 | 1   | y | 'input n: shape [1] (expected: [])'",
    "FLOAT32 | 2x3   | INT64 | -   | y | 'input n: missing (expected: INT64 [])'",
    "FLOAT32 | 2x3   | INT64 | ''  | z | 'output z: unknown (expected: y)'",
  })
  void saysWhichTensorIsWrongWhatCameAndWhatWasExpected(
      String xType, String x, String nType, String n, String output, String fault) {
    Map<String, TensorSlice> inputs = new HashMap<>();
    put(inputs, "x", xType, x);
    put(inputs, "n", nType, n);
    assertThat(InputCheck.firstFault(MODEL, inputs, List.of(output)).orElse("")).isEqualTo(fault);
  }

  @Test
  void anInputThatTheModelDoesNotHaveIsNamed() {
    Map<String, TensorSlice> inputs = Map.of("x", slice(DataType.FLOAT32, 2, 3), "n", slice(DataType.INT64), "q", slice(DataType.INT64));
    assertThat(InputCheck.firstFault(MODEL, inputs, List.of())).contains("input q: unknown (expected: x, n)");
  }

  @Test
  void anInputThatIsNoTensorOfNumbersCannotBeServed() {
    LoadedModel texts = model(new Port("s", null, List.of(1L)));
    assertThat(InputCheck.firstFault(texts, Map.of("s", slice(DataType.INT8, 1)), List.of()).orElse(""))
        .contains("input s: its type cannot be served");
    assertThat(InputCheck.firstFault(texts, Map.of(), List.of())).isPresent();
  }

  @Test
  void pixelsAreForTheFormOfTheModelThatTakesThem() {
    LoadedModel model = model(new Port("x", DataType.FLOAT32, List.of(1L, 3L))).withPixels("x", "behind");
    Map<String, TensorSlice> floats = Map.of("x", slice(DataType.FLOAT32, 1, 3));
    Map<String, TensorSlice> pixels = Map.of("x", slice(DataType.UINT8, 1, 3));
    assertThat(List.of(floats, pixels)).allMatch(inputs -> InputCheck.firstFault(model, inputs, List.of()).isEmpty());
    assertThat(model.taking(floats).sha256()).isEqualTo("sha");
    assertThat(model.taking(pixels).sha256()).isEqualTo("behind");
    assertThat(model.taking(pixels).inputs()).containsExactly(new Port("x", DataType.UINT8, List.of(1L, 3L)));
    assertThat(InputCheck.firstFault(model, Map.of("x", slice(DataType.INT8, 1, 3)), List.of()))
        .contains("input x: datatype INT8 (expected: FP32 or UINT8)");
  }

  @Test
  void shapesThatAPeerAsksForMustBeTheModelsAndOfThisWorld() {
    assertThat(InputCheck.shapeFault(MODEL, Map.of("x", Shape.of(2, 3), "n", Shape.of()))).isEmpty();
    assertThat(InputCheck.shapeFault(MODEL, Map.of("x", Shape.of(2, 3)))).contains("input n: missing (expected: shape [])");
    assertThat(InputCheck.shapeFault(MODEL, Map.of("x", Shape.of(2, 5), "n", Shape.of())).orElse("")).contains("input x: shape [2,5]");
    assertThat(InputCheck.shapeFault(MODEL, Map.of("q", Shape.of(2), "n", Shape.of())).orElse("")).contains("input q: unknown");
    assertThat(InputCheck.shapeFault(MODEL, Map.of("x", Shape.of(1 << 30, 3), "n", Shape.of())).orElse("")).contains("below 2^31 elements");
  }
}
