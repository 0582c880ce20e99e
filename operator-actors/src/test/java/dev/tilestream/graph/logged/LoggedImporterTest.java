package dev.tilestream.graph.logged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggedImporterTest {
  private static final String START = """
      {"id":0,"op":"_start","inputs":[],"data_inputs":[],"shapes":[[1,2,8,4]],"kind":"local","row_axis":2,"robot_ms":0,"server_ms":0}""";

  private static String op(int id, String op, String reads, String shape, String more) {
    return """
        {"id":%d,"op":"%s","inputs":%s,"data_inputs":%s,"shapes":[%s],"kind":"local","row_axis":2,"robot_ms":%d,"server_ms":0.5%s}"""
        .formatted(id, op, reads, reads, shape, id, more);
  }

  private static String log(long inputBytes, long outputBytes, String... operators) {
    return """
        {"model":"tiny","source":"test","robot_forward_ms":10,"server_forward_ms":1,"input_bytes":%d,"output_bytes":%d,"ops":[%s]}"""
        .formatted(inputBytes, outputBytes, String.join(",", operators));
  }

  private static LoggedModel read(String json) {
    return LoggedModelReader.read("tiny@test", json.getBytes(StandardCharsets.UTF_8));
  }

  private static LoggedGraph load(String json) {
    return LoggedImporter.load(read(json), false);
  }

  private static String end(int id, int of, String shape) {
    return """
        {"id":%d,"op":"_end","inputs":[%d],"data_inputs":[%d],"shapes":[%s],"kind":"global","robot_ms":0,"server_ms":0}"""
        .formatted(id, of, of, shape);
  }

  @Test
  void aConvolutionSeesItsWindow() {
    LoggedGraph g = load(log(64 * 4 + 200, 24 * 4, START,
        op(1, "conv2d", "[0]", "[1,3,4,2]", ",\"kernel\":[3,3],\"stride\":[2,2],\"padding\":[1,1]"), end(2, 1, "[1,3,4,2]")));
    assertThat(g.graph().operator(0).rowMap(0)).isEqualTo(new RowMap.Window(3, 2, 1, 1, 8));
    assertThat(g.graph().operator(0).flops()).isEqualTo(2 * 24 * 2 * 9);
    assertThat(g.graph().tensor(0).type()).isEqualTo(DataType.FLOAT32);
  }

  @Test
  void aTransposedConvolutionSeesTheRowsThatAddToARow() {
    LoggedGraph g = load(log(64 * 4, 2 * 16 * 8 * 4, START,
        op(1, "conv_transpose2d", "[0]", "[1,2,16,8]", ",\"kernel\":[6,6],\"stride\":[2,2],\"padding\":[2,2],\"transposed\":true"),
        end(2, 1, "[1,2,16,8]")));
    RowMap map = g.graph().operator(0).rowMap(0);
    // Row 4 = 2i - 2 + k: i = 3 (k 0), 2 (k 2), 1 (k 4).
    assertThat(map.inputRows(new RowSpan(4, 5))).contains(new RowSpan(1, 4));
    assertThat(map.inputRows(new RowSpan(0, 1))).contains(new RowSpan(0, 2));
    assertThat(map.inputRows(new RowSpan(15, 16))).contains(new RowSpan(6, 8));
  }

  @Test
  void aStridedSliceStartsAtItsOffsetAndAnEnlargementRepeatsRows() {
    LoggedGraph g = load(log(64 * 4, 64 * 4, START,
        op(1, "__getitem__", "[0]", "[1,2,4,4]", ",\"stride\":[2,2],\"row_offset\":1"),
        op(2, "interpolate", "[1]", "[1,2,8,4]", ",\"upsample\":[2,2]"), end(3, 2, "[1,2,8,4]")));
    assertThat(g.graph().operator(0).rowMap(0).inputRows(new RowSpan(1, 3))).contains(new RowSpan(3, 6));
    assertThat(g.graph().operator(1).rowMap(0).inputRows(new RowSpan(3, 6))).contains(new RowSpan(1, 3));
  }

  @Test
  void viewsVanishAndTheirTimesDoNot() {
    String view = """
        {"id":%d,"op":"%s","inputs":[%d],"data_inputs":[%d],"shapes":[%s],"kind":"shape-only","robot_ms":4,"server_ms":0.25}""";
    LoggedGraph g = load(log(64, 64 * 4, START, view.formatted(1, "squeeze", 0, 0, "[2,8,4]"),
        op(2, "relu", "[1]", "[1,2,8,4]", ""), view.formatted(3, "dim", 2, 2, ""), end(4, 2, "[1,2,8,4]")));
    assertThat(g.graph().operators()).hasSize(1);
    assertThat(g.graph().operator(0).inputs()).containsExactly(0);
    assertThat(g.robotMillis()).containsExactly(4 + 2 + 4);
    assertThat(g.serverMillis(0)).isCloseTo(1.0, within(1e-9));
    assertThat(g.graph().tensor(0).type()).isEqualTo(DataType.UINT8);
  }

  @Test
  void aValueOverwrittenInPlaceIsReadAsItWasWrittenLast() {
    LoggedGraph g = load(log(64 * 4, 64 * 4, START, op(1, "conv2d", "[0]", "[1,2,8,4]", ",\"kernel\":[1,1]"),
        op(2, "add_", "[1,0]", "[1,2,8,4]", ""), op(3, "relu", "[2]", "[1,2,8,4]", ""),
        op(4, "conv2d", "[1,2,3]", "[1,2,8,4]", ",\"kernel\":[1,1]"), end(5, 4, "[1,2,8,4]")));
    assertThat(g.graph().operator(3).inputs()).hasSize(1);
    assertThat(g.graph().tensor(g.graph().operator(3).inputs().get(0)).name()).isEqualTo("relu_3");
  }

  @Test
  void settingAPartOfAValueMakesTheWholeValueAnew() {
    String sets = op(3, "__setitem__", "[1,2]", "", "").replace("\"row_axis\":2,", "").replace("\"shapes\":[[]]", "\"shapes\":[]");
    LoggedGraph g = load(log(64 * 4, 64 * 4, START, op(1, "sigmoid", "[0]", "[1,2,8,4]", ""),
        op(2, "mul", "[1]", "[1,2,8,1]", ""), sets, op(4, "clone", "[1]", "[1,2,8,4]", ""), end(5, 4, "[1,2,8,4]")));
    Tensor set = g.graph().tensor(g.graph().operator(2).outputs().get(0));
    assertThat(set.shape().dims()).containsExactly(1, 2, 8, 4);
    assertThat(set.axis()).isEqualTo(2);
    assertThat(g.graph().operator(3).inputs()).containsExactly(set.id());
    assertThat(g.graph().stages()).hasSize(1);
  }

  @Test
  void whatNobodyReadsIsNoOperatorButTakesItsTime() {
    LoggedGraph g = load(log(64 * 4, 64 * 4, START, op(1, "relu", "[0]", "[1,2,8,4]", ""), op(2, "mul", "[1]", "[1,2,8,4]", ""),
        end(3, 1, "[1,2,8,4]")));
    assertThat(g.graph().operators()).hasSize(1);
    assertThat(Arrays.stream(g.robotMillis()).sum()).isEqualTo(3);
  }

  @Test
  void theInputMayComeInBytes() {
    LoggedModel model = read(log(64 * 8 + 419, 64 * 4, START, op(1, "relu", "[0]", "[1,2,8,4]", ""), end(2, 1, "[1,2,8,4]")));
    assertThat(LoggedImporter.load(model, false).graph().tensor(0).type()).isEqualTo(DataType.INT64);
    OperatorGraph bytes = LoggedImporter.load(model, true).graph();
    assertThat(bytes.tensor(0).type()).isEqualTo(DataType.UINT8);
    assertThat(bytes.operators()).extracting(o -> o.type()).containsExactly("Cast", "Relu");
    assertThat(bytes.operator(1).inputs()).isEqualTo(bytes.operator(0).outputs());
  }

  @Test
  void aLogWithoutGeometryIsRefused() {
    String json = log(64 * 4, 64 * 4, START, op(1, "relu", "[0]", "[1,2,8,4]", "").replace("\"kind\":\"local\",", ""),
        end(2, 1, "[1,2,8,4]"));
    assertThat(read(json).hasGeometry()).isFalse();
    assertThatThrownBy(() -> load(json)).isInstanceOf(ProfileRefused.class).hasMessageContaining("geometry");
  }

  @Test
  void aLogWithoutServerTimesSaysSo() {
    LoggedGraph g = load(log(64 * 4, 64 * 4, START, op(1, "relu", "[0]", "[1,2,8,4]", "").replace(",\"server_ms\":0.5", ""),
        end(2, 1, "[1,2,8,4]")));
    assertThat(g.hasServerTimes()).isFalse();
  }

  @Test
  void shapesThatContradictTheWindowAreRefused() {
    List<String> wrong = List.of(
        op(1, "conv2d", "[0]", "[1,2,7,4]", ",\"kernel\":[3,3],\"padding\":[1,1]"), op(1, "relu", "[0]", "[1,2,7,4]", ""),
        op(1, "interpolate", "[0]", "[1,2,17,4]", ",\"upsample\":[2,2]"),
        op(1, "conv_transpose2d", "[0]", "[1,2,40,4]", ",\"kernel\":[2,2],\"stride\":[2,2],\"transposed\":true"));
    for (String o : wrong)
      assertThatThrownBy(() -> load(log(64 * 4, 64 * 4, START, o, end(2, 1, "[1,2,8,4]")))).as(o)
          .isInstanceOf(ProfileRefused.class).hasMessageContaining("operator 1").hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "[]", "{", "{\"model\":1}", "{\"model\":\"a\",\"model\":\"b\"}", "{\"ops\":[[[[[[[[]]]]]]]]}", "{\"ops\":[]}", "{\"ops\":[1]}",
    "{\"ops\":[{\"id\":7}]}", "{\"ops\":[{\"id\":0,\"op\":\"_start\",\"robot_ms\":-1}]}",
    "{\"ops\":[{\"id\":0,\"op\":\"_start\",\"robot_ms\":1e999,\"inputs\":[]}]}",
    "{\"ops\":[{\"id\":0,\"op\":\"_start\",\"robot_ms\":0,\"inputs\":[0]}]}",
    "{\"ops\":[{\"id\":0,\"op\":\"_start\",\"robot_ms\":0,\"inputs\":[],\"shapes\":[[99999999999]]}]}",
    "{\"ops\":[{\"id\":0,\"op\":\"_start\",\"robot_ms\":0,\"inputs\":[],\"shapes\":[[60000000,60000000,60000000]]}]}",
    "{\"ops\":[{\"id\":0,\"op\":\"_start\",\"robot_ms\":0,\"inputs\":[],\"shapes\":[],\"kernel\":[0,0]}]}", "{} x"
  })
  void whatIsNoLogIsRefusedInWords(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(ProfileRefused.class).hasMessageContaining("tiny@test");
  }

  @Test
  void bytesThatFitNoElementTypeAreRefused() {
    assertThatThrownBy(() -> load(log(64 * 4 + 10_000, 64 * 4, START, op(1, "relu", "[0]", "[1,2,8,4]", ""), end(2, 1, "[1,2,8,4]"))))
        .isInstanceOf(ProfileRefused.class).hasMessageContaining("input: 10,256 bytes");
  }
}
