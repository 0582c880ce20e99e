package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.client.Wanted;
import dev.tilestream.picture.PictureInput;
import dev.tilestream.picture.PictureLimits;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.picture.PreparedPicture;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.SharedData;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trained detectors on photographs, on three processes, by every strategy: what ONNX Runtime gives on the whole model. */
class DetectorsIT {
  private static final List<String> STRATEGIES = List.of("local", "offload", "layer", "energy", "even", "published", "hybrid");
  private static final double TOLERANCE = 1e-4;
  /** Boxes as fastestdet numbers its classes: COCO. What may stand in a street. */
  private static final List<Integer> STREET_CLASSES = List.of(0, 1, 2, 3, 5, 7, 9, 11);

  @TempDir static Path directory;
  private static TestFleet fleet;

  @BeforeAll
  static void start() {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    TestRepository repository = new TestRepository(directory.resolve("models"))
        .put("fastestdet", SharedData.path("models", "fastestdet-352.onnx")).config("fastestdet", TestRepository.FASTESTDET_CONFIG)
        .put("ultraface", SharedData.path("models", "ultraface-rfb-320.onnx")).config("ultraface", TestRepository.ULTRAFACE_CONFIG);
    fleet = TestFleet.start(2, 1, repository.directory(), directory);
  }

  @AfterAll
  static void stop() {
    if (fleet != null) fleet.close();
  }

  @Test
  void fastestdetFindsWhatIsInTheStreetByEveryStrategy() throws Exception {
    Map<String, Value> expected =
        everyStrategyEqualsTheWhole("fastestdet", "models/fastestdet-352.onnx", TestRepository.FASTESTDET_CONFIG, "images/street.jpg");
    // [1, 85, 22, 22]: objectness, box, 80 classes; a cell's confidence is objectness^0.6 x class^0.4 (FastestDet's own rule).
    Value grid = expected.values().iterator().next();
    int cells = grid.shape().dim(2) * grid.shape().dim(3);
    double best = 0;
    int bestClass = -1;
    for (int cell = 0; cell < cells; cell++)
      for (int c = 0; c < 80; c++) {
        double confidence = Math.pow(grid.at(cell), 0.6) * Math.pow(grid.at((5 + c) * cells + cell), 0.4);
        if (confidence > best) {
          best = confidence;
          bestClass = c;
        }
      }
    assertThat(best).isGreaterThan(0.6);
    assertThat(bestClass).isIn(STREET_CLASSES);
  }

  @Test
  void ultrafaceFindsTheFaceByEveryStrategy() throws Exception {
    Map<String, Value> expected =
        everyStrategyEqualsTheWhole("ultraface", "models/ultraface-rfb-320.onnx", TestRepository.ULTRAFACE_CONFIG, "images/face.jpg");
    Value scores = expected.get("scores");
    Value boxes = expected.get("boxes");
    int best = 0;
    for (int i = 0; i < scores.shape().dim(1); i++) if (scores.at(2 * i + 1) > scores.at(2 * best + 1)) best = i;
    assertThat(scores.at(2 * best + 1)).isGreaterThan(0.9);
    double width = boxes.at(4 * best + 2) - boxes.at(4 * best);
    double height = boxes.at(4 * best + 3) - boxes.at(4 * best + 1);
    assertThat(width).isBetween(0.03, 0.9);
    assertThat(height).isBetween(0.03, 0.95);
    assertThat(boxes.at(4 * best) + width / 2).isBetween(0.0, 1.0);
    assertThat(boxes.at(4 * best + 1) + height / 2).isBetween(0.0, 1.0);
  }

  /** As tensors, and as the picture itself: both ways, from a robot. Returns what ONNX Runtime gives. */
  private static Map<String, Value> everyStrategyEqualsTheWhole(String model, String file, String config, String picture) throws Exception {
    byte[] jpeg = Files.readAllBytes(SharedData.path(picture));
    try (Oracle oracle = Oracle.of(SharedData.path(file), 1)) {
      Map<String, Value> inputs = Map.of(oracle.inputs().get(0), tensor(config, SharedData.path(picture)));
      Map<String, Value> expected = oracle.run(inputs);
      for (String strategy : STRATEGIES) {
        RemoteAnswer answer = fleet.node(0).client().infer(model, Tensors.request(inputs), Optional.of(strategy));
        double deviation = Tensors.deviation(expected, answer.outputs());
        System.out.printf("%s %s: devices %s, %d bytes over the air, deviation %.1e%n", model, strategy, answer.devices(), answer.bytes(), deviation);
        assertThat(deviation).as("%s by %s", model, strategy).isLessThanOrEqualTo(TOLERANCE);
        assertThat(answer.header().path("parameters").path("strategy").asText()).isEqualTo(strategy);
        assertThat(answer.header().path("parameters").path("exact").asBoolean()).isTrue();
        if (strategy.equals("local")) assertThat(answer.devices()).containsExactly("robot-1");
        if (strategy.equals("even")) assertThat(answer.devices()).containsExactlyInAnyOrder("robot-1", "robot-2", "edge-1");
        JsonNode fromPicture = fleet.node(1).client().inferPicture(model, jpeg, "image/jpeg", Wanted.by(Optional.of(strategy)));
        assertThat(deviation(expected, fromPicture)).as("%s by %s, from the picture", model, strategy).isLessThanOrEqualTo(TOLERANCE);
        assertThat(fromPicture.path("parameters").path("detections")).as("%s by %s: what it found", model, strategy).isNotEmpty();
        if (strategy.equals("offload"))
          assertThat(fromPicture.path("parameters").path("bytes").asLong()).as("%s: pixels cross the air", model)
              .isLessThan(answer.bytes() / 2);
      }
      publishedSaysHowFarItIsOff(model, inputs, expected);
      return expected;
    }
  }

  /** With halos cut off, unless nothing of the model is worth a split. */
  private static void publishedSaysHowFarItIsOff(String model, Map<String, Value> inputs, Map<String, Value> expected) throws Exception {
    Wanted truncated = new Wanted(Optional.of("published"), OptionalInt.of(8), false);
    RemoteAnswer answer = fleet.node(0).client().infer(model, Tensors.request(inputs), truncated);
    double deviation = Tensors.deviation(expected, answer.outputs());
    System.out.printf("%s published, halo 8: devices %s, %d bytes over the air, deviation %.1e%n", model, answer.devices(), answer.bytes(), deviation);
    assertThat(deviation).as("%s by published", model).isLessThanOrEqualTo(answer.exact() ? TOLERANCE : Double.MAX_VALUE);
  }

  private static Value tensor(String config, Path picture) throws IOException {
    PictureInput input = ModelConfig.parse("config.json", config.getBytes(StandardCharsets.UTF_8)).input().orElseThrow();
    try (BufferPool pool = BufferPool.bounded(1L << 28, 1L << 26); InputStream in = Files.newInputStream(picture)) {
      PreparedPicture prepared = new PicturePreprocessor(PictureLimits.DEFAULT).prepare(in, input, DataType.FLOAT32, 4, pool);
      Value value = Value.copyOf(prepared.tensor());
      prepared.tensor().release();
      return value;
    }
  }

  private static double deviation(Map<String, Value> expected, JsonNode answer) {
    double most = 0;
    for (Map.Entry<String, Value> e : expected.entrySet()) {
      JsonNode output = null;
      for (JsonNode o : answer.path("outputs")) if (o.path("name").asText().equals(e.getKey())) output = o;
      assertThat(output).as(e.getKey()).isNotNull();
      assertThat(output.path("data")).hasSize((int) e.getValue().shape().elements());
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < output.path("data").size(); i++) {
        largest = Math.max(largest, Math.abs(e.getValue().at(i)));
        difference = Math.max(difference, Math.abs(e.getValue().at(i) - output.path("data").get(i).asDouble(Double.NaN)));
      }
      most = Math.max(most, difference / largest);
    }
    return most;
  }
}
