package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.cli.Tilestream;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.client.Wanted;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Value;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users may ask real nodes for; and wrong and hostile input: each gets the documented error, and the node serves on. */
class HostileRequestsIT {
  private static final int FLOATS = 1 * 2 * 6 * 4;

  @TempDir static Path directory;
  private static TestFleet fleet;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    OnnxModelBuilder model = new OnnxModelBuilder("good", 1).input("x", DataType.FLOAT32, 1, 2, 6, 4);
    String y = model.node("Conv", List.of("x", model.heWeights(3, 2, 3, 3)));
    byte[] good = model.output(model.node("Relu", List.of(y)), DataType.FLOAT32, 1, 3, 4, 2).toBytes();
    byte[] noise = new byte[5000];
    new SplittableRandom(3).nextBytes(noise);
    OnnxModelBuilder strange = new OnnxModelBuilder("strange", 1).input("x", DataType.FLOAT32, 1, 2, 6, 4);
    byte[] unknown = strange.output(strange.node("Levitate", List.of("x")), DataType.FLOAT32, 1, 2, 6, 4).toBytes();
    TestRepository repository = new TestRepository(directory.resolve("models"))
        .put("good", good).put("noise", noise)
        .put("preset", colours())
        .config("preset", "{\"input\": {\"width\": 6, \"height\": 8}, \"defaultStrategy\": \"even\", \"deadlineMs\": 20000, \"halo\": 1, "
            + "\"objective\": \"energy\"}")
        .put("truncated", Arrays.copyOf(good, good.length / 2)).put("unknown", unknown).put("empty", new byte[0]);
    fleet = TestFleet.start(1, 1, repository.directory(), directory);
  }

  /** A model that takes pictures. */
  private static byte[] colours() {
    OnnxModelBuilder model = new OnnxModelBuilder("preset", 2).input("x", DataType.FLOAT32, 1, 3, 8, 6);
    String y = model.node("Conv", List.of("x", model.heWeights(4, 3, 3, 3)));
    return model.output(model.node("Conv", List.of(y, model.heWeights(4, 4, 3, 3))), DataType.FLOAT32, 1, 4, 4, 2).toBytes();
  }

  @AfterAll
  static void stop() {
    if (fleet != null) fleet.close();
  }

  @AfterEach
  void everyNodeServesOn() throws InterruptedException {
    Map<String, Value> inputs = Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 2, 6, 4), 5));
    for (TestFleet.Node node : fleet.nodes())
      for (String strategy : List.of("local", "even"))
        assertThat(node.client().infer("good", Tensors.request(inputs), Optional.of(strategy)).outputs()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "wrong type      | {'name': 'x', 'datatype': 'INT32', 'shape': [1, 2, 6, 4]} | x | FP32",
    "unknown type    | {'name': 'x', 'datatype': 'FP31', 'shape': [1, 2, 6, 4]} | FP31 | FP32",
    "wrong shape     | {'name': 'x', 'datatype': 'FP32', 'shape': [1, 2, 4, 6]} | x | 6",
    "wrong rank      | {'name': 'x', 'datatype': 'FP32', 'shape': [48]} | x | 48",
    "negative shape  | {'name': 'x', 'datatype': 'FP32', 'shape': [1, -2, -6, 4]} | x | -2",
    "wrong name      | {'name': 'z', 'datatype': 'FP32', 'shape': [1, 2, 6, 4]} | z | x",
    "path as name    | {'name': '../x', 'datatype': 'FP32', 'shape': [1, 2, 6, 4]} | ../x | x",
  })
  void sayWhichTensorIsWrongAndWhatWasExpected(String what, String tensor, String came, String expected) throws Exception {
    String head = tensor.trim().replace("}", ", 'parameters': {'binary_data_size': %d}}".formatted(4 * FLOATS)).replace('\'', '"');
    String error = refused(400, binary("{\"inputs\": [" + head + "]}", new byte[4 * FLOATS]));
    assertThat(error).as(what).contains(came.trim()).contains(expected.trim());
  }

  @Test
  void saysThatATensorIsMissingOrThere() throws Exception {
    assertThat(refused(400, binary("{\"inputs\": []}", new byte[0]))).contains("x");
    String x = "{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2, 6, 4], \"parameters\": {\"binary_data_size\": 192}}";
    assertThat(refused(400, binary("{\"inputs\": [" + x + ", " + x + "]}", new byte[384]))).contains("x");
  }

  @Test
  void refusesTruncatedBinaryData() throws Exception {
    assertThat(refused(400, binary(head(4 * FLOATS), new byte[4 * FLOATS - 1]))).contains("191").contains("192");
    assertThat(refused(400, binary(head(4 * FLOATS - 4), new byte[4 * FLOATS - 4]))).contains("188").contains("192");
  }

  @Test
  void refusesTwoGigabytesThatAreOnlyClaimed() throws Exception {
    String huge = "{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2, 16384, 16384], "
        + "\"parameters\": {\"binary_data_size\": 2147483648}}";
    HttpResponse<byte[]> answer = binary("{\"inputs\": [" + huge + "]}", new byte[100]);
    assertThat(answer.statusCode()).isIn(400, 413);
    assertThat(error(answer)).isNotBlank();
    long before = fleet.node(0).memory().residentBytes();
    try (Socket socket = new Socket(fleet.node(0).http().getHost(), fleet.node(0).http().getPort())) {
      socket.setSoTimeout(20_000);
      String start = "POST /v2/models/good/infer HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
          + "Content-Length: 2147483648\r\n"
          + "Inference-Header-Content-Length: 60\r\n\r\n";
      socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 413");
    }
    assertThat(fleet.node(0).memory().residentBytes() - before).isLessThan(64L << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"noise", "truncated", "unknown", "empty"})
  void saysWhyABrokenModelIsRefused(String model) throws Exception {
    HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(fleet.node(0).http().resolve("/v2/repository/models/" + model + "/load"))
        .POST(BodyPublishers.ofString("{}")).build());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(error(answer)).contains(model);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..%2f..%2fetc%2fpasswd", "%2e%2e", "good%00", "good%2f..%2fgood", "..%5cgood", "nobody", "%ff", "a%20b"})
  void findsNoModelUnderAPath(String name) throws Exception {
    for (String path : List.of("/v2/models/" + name + "/infer", "/v2/repository/models/" + name + "/load")) {
      String head = " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n";
      String answer = raw("POST " + path + head + "{}");
      assertThat(answer).as(path).matches("(?s)HTTP/1.1 40[04].*\"error\".*").doesNotContain("root:");
    }
  }

  @Test
  void noiseOnAnyPortLeavesTheNodeServing() throws Exception {
    SplittableRandom random = new SplittableRandom(17);
    String commandLine = Files.readString(Path.of("/proc/" + fleet.node(1).pid() + "/cmdline"), StandardCharsets.UTF_8).replace('\0', ' ');
    for (String option : List.of("--port", "--http-port", "--metrics-port")) {
      Matcher port = Pattern.compile(option + "[ =](\\d+)").matcher(commandLine);
      assertThat(port.find()).as("%s in %s", option, commandLine).isTrue();
      for (int i = 0; i < 5; i++) {
        byte[] noise = new byte[20_000];
        random.nextBytes(noise);
        // The node may hang up while noise is still coming: that is an answer, too.
        try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(port.group(1))); OutputStream out = socket.getOutputStream()) {
          out.write(noise);
        } catch (IOException hungUp) {
          assertThat(hungUp.getMessage()).containsAnyOf("reset", "Broken pipe", "closed");
        }
      }
    }
    assertThat(ProcessHandle.of(fleet.node(1).pid()).map(ProcessHandle::isAlive)).contains(true);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "latency | latency", "energy | energy, deadline 1.0 s", "energy:300ms | energy, deadline 0.2 s",
    "weighted:10,4 | weighted, 1.0 a second, 0.5 a joule", "throughput:3 | throughput, 4 frames under way",
  })
  void everyObjectiveReachesThePlans(String asked, String planned) throws Exception {
    Map<String, Value> inputs = Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 2, 6, 4), 6));
    Wanted wanted = new Wanted(Optional.of("hybrid"), OptionalInt.empty(), Optional.of(asked), false);
    RemoteAnswer answer = fleet.node(0).client().infer("good", Tensors.request(inputs), wanted);
    assertThat(answer.exact()).isTrue();
    assertThat(goals("good")).contains("hybrid | " + planned + " | exact");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "{'objective': 'fame'} | fame | latency", "{'objective': 'energy:0s'} | energy:0s | above 0", "{'objective': ['latency']} | [ | a text",
    "{'objective': 'weighted:1e9,1'} | 1e9 | decimal", "{'objective': 'throughput:65'} | 65 | 1 to 64", "{'halo': 1e400} | 1e400 | whole",
    "{'halo': 99999999999999999999} | 99999999999999999999 | 64-bit", "{'objective': 'latency', 'objective': 'energy'} | objective | Duplicate",
  })
  void saysWhichParameterIsWrong(String parameters, String came, String expected) throws Exception {
    String request = "{\"parameters\": " + parameters.trim().replace('\'', '"') + ", \"inputs\": []}";
    assertThat(refused(400, binary(request, new byte[0]))).contains(came.trim()).contains(expected.trim());
  }

  @Test
  void aStreamWithAnEndlessNameIsRefused() throws Exception {
    String request = "{\"parameters\": {\"sequence_id\": \"" + "s".repeat(70_000) + "\"}, \"inputs\": []}";
    assertThat(refused(400, binary(request, new byte[0]))).contains("70000 characters (expected: at most 256)");
  }

  @Test
  void aModelsOwnDefaultsServeWhoSaysNothing() throws Exception {
    Map<String, Value> inputs = Map.of("x", Value.random(DataType.FLOAT32, Shape.of(1, 3, 8, 6), 6));
    RemoteAnswer answer = fleet.node(0).client().infer("preset", Tensors.request(inputs), Optional.empty());
    assertThat(answer.header().path("parameters").path("strategy").asText()).isEqualTo("even");
    assertThat(goals("preset")).contains("even | energy, deadline 20.0 s | truncated(1)");
  }

  @Test
  void theCommandLineAsksForAllOfThem() throws Exception {
    Path picture = directory.resolve("picture.png");
    ImageIO.write(new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    StringWriter out = new StringWriter();
    String url = fleet.node(0).http().toString();
    int status = Tilestream.commandLine().setOut(new PrintWriter(out)).execute(
        "infer", "preset", picture.toString(), "--url", url, "--strategy", "hybrid", "--objective", "weighted:1,2", "--halo", "2", "--json");
    assertThat(status).isZero();
    assertThat(new ObjectMapper().readTree(out.toString()).path("parameters").path("strategy").asText()).isEqualTo("hybrid");
    assertThat(goals("preset")).contains("hybrid | weighted, 1.0 a second, 2.0 a joule | truncated(2)");
  }

  /** What the node has plans for. */
  private static List<String> goals(String model) throws InterruptedException {
    List<String> goals = new ArrayList<>();
    for (JsonNode goal : fleet.node(0).client().plans(model).path("goals"))
      goals.add("%s | %s | %s".formatted(goal.path("strategy").asText(), goal.path("objective").asText(), goal.path("halo").asText()));
    return goals;
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/xml", "multipart/form-data; boundary=x", "image/gif", "application/grpc", "x/y; z=\"a\""})
  void contentThatIsNoTensorIs415(String type) throws Exception {
    String body = "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2, 6, 4], \"data\": [" + "0,".repeat(FLOATS - 1) + "0]}]}";
    HttpRequest.Builder request = HttpRequest.newBuilder(fleet.node(0).http().resolve("/v2/models/good/infer")).POST(BodyPublishers.ofString(body));
    assertThat(refused(415, send(request.header("Content-Type", type).build()))).contains(type.split(";")[0], "application/json", "image/png");
    HttpRequest.Builder again = HttpRequest.newBuilder(fleet.node(0).http().resolve("/v2/models/good/infer")).POST(BodyPublishers.ofString(body));
    for (String json : List.of("application/json; charset=utf-8", "application/x-www-form-urlencoded"))
      assertThat(send(again.copy().header("Content-Type", json).build()).statusCode()).as(json).isEqualTo(200);
    assertThat(send(again.build()).statusCode()).as("without a type").isEqualTo(200);
  }

  private static String head(int bytes) {
    return "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2, 6, 4], \"parameters\": {\"binary_data_size\": " + bytes + "}}]}";
  }

  private HttpResponse<byte[]> binary(String head, byte[] data) throws Exception {
    byte[] json = head.getBytes(StandardCharsets.UTF_8);
    byte[] body = Arrays.copyOf(json, json.length + data.length);
    System.arraycopy(data, 0, body, json.length, data.length);
    return send(HttpRequest.newBuilder(fleet.node(0).http().resolve("/v2/models/good/infer"))
        .header("Inference-Header-Content-Length", "" + json.length)
        .header("Content-Type", "application/octet-stream")
        .POST(BodyPublishers.ofByteArray(body))
        .build());
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws Exception {
    return http.send(request, BodyHandlers.ofByteArray());
  }

  private static String refused(int status, HttpResponse<byte[]> answer) throws IOException {
    assertThat(answer.statusCode()).as(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(status);
    return error(answer);
  }

  /** The one field of an error. */
  private static String error(HttpResponse<byte[]> answer) throws IOException {
    JsonNode json = new ObjectMapper().readTree(answer.body());
    assertThat(json.fieldNames()).toIterable().containsExactly("error");
    return json.path("error").asText();
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket(fleet.node(0).http().getHost(), fleet.node(0).http().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
