package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<NodeMain> nodes = new ArrayList<>();
  private String seed = "";

  @AfterEach
  void stop() {
    nodes.forEach(NodeMain::close);
  }

  @Test
  void aModelIsFoundAtAPeerSpreadsAndGoesEverywhere() throws Exception {
    NodeMain robot = start("robot-1", repositoryWithModel(), 1);
    NodeMain edge = start("edge-1", directory.resolve("empty"), 2);

    HttpResponse<String> loaded = post(edge, "/v2/repository/models/small/load", "");
    assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
    for (NodeMain node : nodes) for (String strategy : List.of("local", "offload", "layer", "energy", "even", "hybrid")) answersRightly(node, strategy);
    assertThat(devices(infer(robot, "even"))).containsExactly("robot-1", "edge-1");

    assertThat(post(robot, "/v2/repository/models/small/unload", "").statusCode()).isEqualTo(200);
    assertThat(infer(robot, "local").statusCode()).isEqualTo(404);
    assertThat(infer(edge, "local").statusCode()).isEqualTo(404);
  }

  @Test
  void aMemberThatComesLaterGetsTheModelAndAWholeFleetOutlivesOneThatGoes() throws Exception {
    NodeMain robot = start("robot-1", repositoryWithModel(), 1);
    answersRightly(robot, "even");
    NodeMain edge = start("edge-1", directory.resolve("empty"), 2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(devices(infer(robot, "even"))).containsExactly("robot-1", "edge-1"));
    answersRightly(edge, "local");

    nodes.remove(edge);
    edge.close();
    await().atMost(PATIENCE).untilAsserted(() -> {
      HttpResponse<String> answer = infer(robot, "even");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(devices(answer)).containsExactly("robot-1");
    });
    assertThat(robot.ready()).isTrue();
    answersRightly(robot, "hybrid");
  }

  @Test
  void aModelIsUnloadedByANodeThatCouldNotTakeIt() throws Exception {
    NodeMain robot = start("robot-1", repositoryWithModel(), 1);
    Config narrow = ConfigFactory.parseString("tilestream.node.max-model-size = 10 bytes").withFallback(ConfigFactory.load()).resolve();
    NodeMain edge = start("edge-1", directory.resolve("empty"), 2, narrow);
    assertThat(post(robot, "/v2/repository/models/small/load", "").statusCode()).isEqualTo(200);
    assertThat(infer(edge, "local").statusCode()).as("left out").isNotEqualTo(200);

    HttpResponse<String> unloaded = post(edge, "/v2/repository/models/small/unload", "");
    assertThat(unloaded.statusCode()).as(unloaded.body()).isEqualTo(200);
    assertThat(infer(robot, "local").statusCode()).isEqualTo(404);
    assertThat(post(edge, "/v2/repository/models/small/unload", "").statusCode()).as("nobody has it any more").isEqualTo(404);
  }

  private void answersRightly(NodeMain node, String strategy) throws IOException, InterruptedException {
    HttpResponse<String> answer = infer(node, strategy);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode data = JSON.readTree(answer.body()).path("outputs").path(0).path("data");
    Value expected = expected();
    assertThat(data).hasSize((int) expected.shape().elements());
    for (int i = 0; i < data.size(); i++) assertThat(data.get(i).doubleValue()).isCloseTo(expected.at(i), org.assertj.core.data.Offset.offset(1e-4));
  }

  private static List<String> devices(HttpResponse<String> answer) throws IOException {
    List<String> devices = new ArrayList<>();
    JSON.readTree(answer.body()).path("parameters").path("devices").forEach(d -> devices.add(d.textValue()));
    return devices;
  }

  private Value expected() {
    try (Oracle oracle = Oracle.of(model())) {
      return oracle.run(oracle.randomInputs(3)).get(oracle.outputs().get(0));
    }
  }

  private HttpResponse<String> infer(NodeMain node, String strategy) throws IOException, InterruptedException {
    Value x;
    try (Oracle oracle = Oracle.of(model())) {
      x = oracle.randomInputs(3).get("x");
    }
    List<Double> data = new ArrayList<>();
    for (int i = 0; i < x.shape().elements(); i++) data.add(x.at(i));
    Map<String, Object> input = Map.of("name", "x", "datatype", "FP32", "shape", x.shape().dims(), "data", data);
    return post(node, "/v2/models/small/infer", JSON.writeValueAsString(Map.of("inputs", List.of(input), "parameters", Map.of("strategy", strategy))));
  }

  private HttpResponse<String> post(NodeMain node, String path, String body) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + node.httpAddress().getPort() + path);
    return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  /** Two convolutions and an average over everything: local stages and a global one. */
  private static byte[] model() {
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 32, 16);
    String first = model.node("Conv", List.of("x", model.heWeights(8, 3, 3, 3)), pads(1));
    String second = model.node("Conv", List.of(model.node("Relu", List.of(first)), model.heWeights(8, 8, 5, 5)), pads(2));
    String pooled = model.node("GlobalAveragePool", List.of(second));
    return model.output(pooled, DataType.FLOAT32, 1, 8, 1, 1).toBytes();
  }

  private static onnx.Onnx.AttributeProto pads(int each) {
    return onnx.Onnx.AttributeProto.newBuilder().setName("pads").setType(onnx.Onnx.AttributeProto.AttributeType.INTS)
        .addInts(each).addInts(each).addInts(each).addInts(each).build();
  }

  private Path repositoryWithModel() throws IOException {
    Path version = Files.createDirectories(directory.resolve("models/small/1"));
    Files.write(version.resolve("model.onnx"), model());
    return directory.resolve("models");
  }

  private NodeMain start(String name, Path repository, int expected) throws IOException {
    return start(name, repository, expected, ConfigFactory.load());
  }

  private NodeMain start(String name, Path repository, int expected, Config files) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    if (seed.isEmpty()) seed = "127.0.0.1:" + port;
    NodeSettings.Role role = name.startsWith("robot") ? NodeSettings.Role.ROBOT : NodeSettings.Role.EDGE;
    // What one node, or an earlier test, has pulled is not there for the next one.
    Config cached = ConfigFactory.parseMap(Map.of("tilestream.node.cache-directory", directory.resolve("cache-" + name).toString()));
    NodeMain node = NodeMain.start(
        new NodeSettings(role, name, "127.0.0.1", port, List.of(seed), "127.0.0.1", 0, 0, repository, expected, 1, Optional.empty(), 0),
        cached.withFallback(files));
    nodes.add(node);
    await().atMost(PATIENCE).until(node::ready);
    return node;
  }
}
