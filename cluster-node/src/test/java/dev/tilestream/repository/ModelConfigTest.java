package dev.tilestream.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.picture.PictureInput;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.postprocess.Postprocess;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  @Test
  void readsEveryField() {
    ModelConfig config = parse("""
        {"input": {"name": "x", "width": 320, "height": 240, "layout": "NHWC", "channelOrder": "BGR", "mean": [1, 2, 3], "scale": [0.5],
                   "resize": "letterbox", "pad": 0},
         "labels": ["person", "dog"], "defaultStrategy": "even", "deadlineMs": 1500.5, "halo": 8, "objective": "energy",
         "precision": "fp16", "shapes": {"x": [1, 240, 320, 3]}, "postprocess": {"kind": "boxes", "boxes": "boxes", "output": "scores", "background": 0}}""");
    PictureInput input = config.input().orElseThrow();
    assertThat(input.name()).isEqualTo("x");
    assertThat(input.width()).isEqualTo(320);
    assertThat(input.height()).isEqualTo(240);
    assertThat(input.layout()).isEqualTo(PictureInput.Layout.NHWC);
    assertThat(input.channelOrder()).isEqualTo(PictureInput.ChannelOrder.BGR);
    assertThat(input.mean()).containsExactly(1.0, 2.0, 3.0);
    assertThat(input.scale()).containsExactly(0.5, 0.5, 0.5);
    assertThat(input.resize()).isEqualTo(PictureInput.Resize.LETTERBOX);
    assertThat(input.pad()).isZero();
    assertThat(config.labels()).containsExactly("person", "dog");
    assertThat(config.defaultStrategy()).contains(Strategy.EVEN);
    assertThat(config.deadline()).contains(Duration.ofNanos(1_500_500_000));
    assertThat(config.halo()).contains(8);
    assertThat(config.precision()).contains(Precision.FP16);
    assertThat(config.objective()).as("within the model's deadline").contains(new Objective.Energy(1.5005));
    assertThat(config.shapes()).containsEntry("x", Shape.of(1, 240, 320, 3));
    Postprocess postprocess = config.postprocess().orElseThrow();
    assertThat(postprocess.kind()).isEqualTo(Postprocess.Kind.BOXES);
    assertThat(postprocess.background()).isZero();
    assertThat(postprocess.confidence()).isEqualTo(0.5);
    assertThat(postprocess.corners()).isTrue();
  }

  @Test
  void leavesOutWhatIsNotThere() {
    assertThat(parse("{}")).isEqualTo(ModelConfig.NONE);
    PictureInput input = parse("{\"input\": {\"width\": 2, \"height\": 1}}").input().orElseThrow();
    assertThat(input)
        .isEqualTo(new PictureInput("", 2, 1, PictureInput.Layout.NCHW, PictureInput.ChannelOrder.RGB, null, null, PictureInput.Resize.STRETCH, 114));
    assertThat(input.mean()).containsExactly(0.0, 0.0, 0.0);
    assertThat(input.scale()).containsExactly(1.0, 1.0, 1.0);
  }

  @Test
  void aShapeOfMoreElementsThanAnyBufferHoldsIsAFault() {
    for (String dims : List.of("[65536, 65536, 65536, 65536]", "[2147483647, 2147483647, 2147483647]", "[65536, 32768]"))
      assertThatThrownBy(() -> parse("{\"shapes\": {\"x\": " + dims + "}}")).isInstanceOf(ModelConfig.Fault.class)
          .hasMessageContaining("shapes.x").hasMessageContaining("fewer than 2^31 elements");
  }

  @Test
  void aNumberThatTakesForEverToReadIsAFault() {
    String digits = "9".repeat(4_000_000);
    for (String field : List.of("halo", "deadlineMs", "input"))
      assertThatThrownBy(() -> parse("{\"" + field + "\": " + digits + "}")).isInstanceOf(ModelConfig.Fault.class)
          .hasMessageContaining("expected: at most 400 characters");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"labls": []}                                          | line 1, labls: unknown field (expected: one of
      {"input": {"width": 2, "height": 2, "size": 3}}        | line 1, input.size: unknown field (expected: one of
      {"input": {"width": 2}}                                | line 1, input: height: 0 (expected: 1 to 16384)
      {"input": {"width": -2, "height": 2}}                  | line 1, input: width: -2 (expected: 1 to 16384)
      {"input": {"width": 2.5, "height": 2}}                 | line 1, input.width: Cannot coerce Floating-point value (2.5)
      {"input": {"width": "2", "height": 2}}                 | line 1, input.width: Cannot coerce String value ("2")
      {"input": {"width": 2, "height": 2, "mean": [1, 2]}}   | line 1, input: mean: 2 numbers (expected: 1 or 3, for RGB)
      {"input": {"width": 2, "height": 2, "layout": "CHW"}}  | line 1, input.layout: Cannot deserialize value
      {"input": {"width": 2, "height": 2, "resize": "crop"}} | line 1, input.resize: Cannot deserialize value
      {"input": {"width": 2, "height": 2, "pad": 256}}       | line 1, input: pad: 256 (expected: 0 to 255)
      {"defaultStrategy": "fast"}                            | line 1, defaultStrategy: strategy: fast (expected: one of local,
      {"deadlineMs": 0}                                      | deadlineMs: 0.0 (expected: above 0
      {"halo": -1}                                           | halo: -1 (expected: 0 to 4096 rows)
      {"objective": "energy:0s"}                             | line 1, objective: objective: energy:0s (expected: energy:DEADLINE, a time above 0
      {"precision": "int8"}                                  | line 1, precision: precision: int8 (expected: one of fp32, fp16)
      {"objective": 3}                                       | line 1, objective: 3 (expected: a text)
      {"defaultStrategy": ["even"]}                          | line 1, defaultStrategy: [ (expected: a text)
      {"postprocess": {"kind": "classes", "top": 0}}         | line 1, postprocess: top: 0 (expected: 1 to 10000)
      {"postprocess": {"top": 3}}                            | line 1, postprocess: kind: missing (expected: classes, boxes,
      {"postprocess": {"kind": "masks"}}                     | line 1, postprocess.kind: Cannot deserialize value
      {"postprocess": {"kind": "yolov8"}}                    | postprocess: boxes without an input
      {"postprocess": {"kind": "boxes", "output": "s"}}      | line 1, postprocess: boxes, output: "", "s" (expected: the outputs with
      {"shapes": {"x": [1, -1]}}                             | shapes.x: [1, -1] (expected: every dimension at least 1)
      {"labels": ["a"], "labels": []}                        | line 1: not JSON: Duplicate field 'labels'
      {"labels": ["a"]                                       | line 1: not JSON: Unexpected end-of-input
      {} {}                                                  | Trailing token
      null                                                   | null (expected: an object)
      """)
  void saysWhereAndWhatIsWrong(String json, String expected) {
    assertThatThrownBy(() -> parse(json)).isInstanceOf(ModelConfig.Fault.class).hasMessageStartingWith("m/1/config.json").hasMessageContaining(expected);
  }

  @Test
  void countsLines() {
    assertThatThrownBy(() -> parse("{\n\"labels\": [],\n\"colour\": 1}")).hasMessageContaining("line 3, colour");
  }

  private static ModelConfig parse(String json) {
    return ModelConfig.parse("m/1/config.json", json.getBytes(StandardCharsets.UTF_8));
  }
}
