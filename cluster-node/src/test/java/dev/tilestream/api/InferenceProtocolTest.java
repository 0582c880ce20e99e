package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.tensor.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InferenceProtocolTest {
  private static final String A_AND_B = "\"inputs\": [{\"name\": \"a\", \"shape\": [2, 3], \"datatype\": \"FP32\", \"data\": [1, 2, 3, 4, 5, 6]},"
      + "{\"name\": \"b\", \"shape\": [2, 3], \"datatype\": \"FP32\", \"data\": [[1, 1, 1], [2, 2, 2]]}]";

  @TempDir static Path temp;
  private static ServerFixture server;

  @BeforeAll
  static void start() throws IOException {
    server = new ServerFixture(temp.resolve("models"), 64 << 20, "");
    server.loaded("add", OnnxModels.sumAndDifference(2, 3));
    server.loaded("div", OnnxModels.quotient(DataType.FLOAT32, -1));
    server.loaded("scalar", OnnxModels.identity(DataType.FLOAT32));
    server.loaded("any", OnnxModels.identity(DataType.FLOAT32, -1, -1));
    for (DataType type : DataType.values()) server.loaded("id-" + type.protocolName(), OnnxModels.identity(type, -1, 3));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void everyBufferWasGivenBack() {
    org.awaitility.Awaitility.await().pollDelay(java.time.Duration.ZERO).untilAsserted(() -> assertThat(server.pool.inUse()).isZero());
  }

  @Test
  void answersAllOutputsFlatInTheModelsOrder() {
    JsonNode answer = infer("add", "{\"id\": \"q-1\", " + A_AND_B + "}");
    assertThat(answer.path("model_name").textValue()).isEqualTo("add");
    assertThat(answer.path("model_version").textValue()).isEqualTo("1");
    assertThat(answer.path("id").textValue()).isEqualTo("q-1");
    assertThat(answer.path("outputs").toString()).isEqualTo(
        "[{\"name\":\"sum\",\"datatype\":\"FP32\",\"shape\":[2,3],\"data\":[2.0,3.0,4.0,6.0,7.0,8.0]},"
            + "{\"name\":\"difference\",\"datatype\":\"FP32\",\"shape\":[2,3],\"data\":[0.0,1.0,2.0,2.0,3.0,4.0]}]");
    JsonNode parameters = answer.path("parameters");
    assertThat(parameters.path("strategy").textValue()).isEqualTo("local");
    assertThat(parameters.path("devices").toString()).isEqualTo("[\"here\"]");
    assertThat(parameters.path("latency_ms").doubleValue()).isPositive();
    assertThat(parameters.path("predicted_ms").doubleValue()).isPositive();
    assertThat(parameters.path("exact").booleanValue()).isTrue();
    assertThat(parameters.has("timeline")).isFalse();
  }

  @Test
  void answersOnlyTheOutputsAskedForInTheOrderAsked() {
    JsonNode answer = infer("add", "{\"outputs\": [{\"name\": \"difference\"}], " + A_AND_B + "}");
    assertThat(answer.path("outputs").findValuesAsText("name")).containsExactly("difference");
    assertThat(answer.has("id")).isFalse();
    answer = infer("add", "{\"outputs\": [{\"name\": \"difference\"}, {\"name\": \"sum\"}], " + A_AND_B + "}");
    assertThat(answer.path("outputs").findValuesAsText("name")).containsExactly("difference", "sum");
  }

  @Test
  void passesOnTheParametersAndTellsTheTimeline() {
    JsonNode answer = infer("add",
        "{\"parameters\": {\"strategy\": \"even\", \"deadline_ms\": 30000, \"timeline\": true, \"unheard_of\": {\"x\": [1]}}, " + A_AND_B + "}");
    assertThat(answer.path("parameters").path("strategy").textValue()).isEqualTo("even");
    JsonNode entry = answer.path("parameters").path("timeline").path(0);
    assertThat(entry.path("track").textValue()).isEqualTo("here");
    assertThat(entry.path("end_ms").doubleValue()).isPositive();
  }

  @Test
  void fieldsMayComeInAnyOrder() {
    JsonNode answer = infer("add", """
        {"outputs": [{"name": "sum"}],
         "inputs": [{"data": [[1, 2, 3], [4, 5, 6]], "datatype": "FP32", "name": "b", "shape": [2, 3]},
                    {"shape": [2, 3], "data": [10, 20, 30, 40, 50, 60], "name": "a", "datatype": "FP32"}], "id": "ü"}""");
    assertThat(answer.path("outputs").path(0).path("data").toString()).isEqualTo("[11.0,22.0,33.0,44.0,55.0,66.0]");
    assertThat(answer.path("id").textValue()).isEqualTo("ü");
  }

  @Test
  void scalarsAndEmptyTensorsHaveAShapeToo() {
    for (String data : new String[] {"[2.5]", "2.5"}) {
      JsonNode output = infer("scalar", one("x", "FP32", "[]", data)).path("outputs").path(0);
      assertThat(output.path("shape").toString()).isEqualTo("[]");
      assertThat(output.path("data").toString()).isEqualTo("[2.5]");
    }
    for (String data : new String[] {"[2.5]", "2.5", "\"Infinity\""}) {
      String early = "{\"inputs\": [{\"data\": " + data + ", \"name\": \"x\", \"shape\": [], \"datatype\": \"FP32\"}]}";
      assertThat(infer("scalar", early).path("outputs").path(0).path("data").toString()).isEqualTo(data.startsWith("[") ? data : "[" + data + "]");
    }
    for (String data : new String[] {"[]", "[[],[]]"}) {
      JsonNode output = infer("any", one("x", "FP32", "[2, 0]", data)).path("outputs").path(0);
      assertThat(output.path("shape").toString()).isEqualTo("[2,0]");
      assertThat(output.path("data").toString()).isEqualTo("[]");
    }
  }

  @Test
  void numbersThatAreNotFiniteAreTextsBothWays() {
    JsonNode answer = infer("div", """
        {"inputs": [{"name": "a", "shape": [4], "datatype": "FP32", "data": [1, -1, 0, "NaN"]},
                    {"name": "b", "shape": [4], "datatype": "FP32", "data": [0, 0, 0, "-Infinity"]}]}""");
    assertThat(answer.path("outputs").path(0).path("data").toString()).isEqualTo("[\"Infinity\",\"-Infinity\",\"NaN\",\"NaN\"]");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      FP32  | -3.4028235E38, 1.4E-45, 0.1
      FP64  | -1.7976931348623157E308, 4.9E-324, 0.1
      FP16  | -65504.0, 5.9604645E-8, 0.099975586
      BOOL  | true, false, true
      INT8  | -128, 127, 0
      UINT8 | 0, 255, 7
      INT16 | -32768, 32767, 0
      INT32 | -2147483648, 2147483647, 0
      INT64 | -9223372036854775808, 9223372036854775807, 1000000000000000001
      """)
  void everyTypeKeepsItsExtremesThroughJson(String type, String values) {
    String data = "[" + values.replace(" ", "") + "]";
    JsonNode output = infer("id-" + type, one("x", type, "[1, 3]", data)).path("outputs").path(0);
    assertThat(output.path("datatype").textValue()).isEqualTo(type);
    assertThat(output.path("data").toString()).isEqualTo(data);
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16", "BOOL", "INT8", "UINT8", "INT16", "INT32", "INT64"})
  void everyTypeKeepsItsBitsThroughBinary(DataType type) {
    byte[] bytes = new byte[50 * 3 * type.bytes()];
    new Random(3).nextBytes(bytes);
    if (type == DataType.BOOL) for (int i = 0; i < bytes.length; i++) bytes[i] &= 1;
    String head = """
        {"parameters": {"binary_data_output": true},
         "inputs": [{"name": "x", "shape": [50, 3], "datatype": "%s", "parameters": {"binary_data_size": %d}}]}"""
        .formatted(type.protocolName(), bytes.length);
    HttpResponse<byte[]> response = binary("id-" + type.protocolName(), head, bytes);
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
    int length = headLength(response);
    JsonNode output = ServerFixture.tree(Arrays.copyOf(response.body(), length)).path("outputs").path(0);
    assertThat(output.path("parameters").path("binary_data_size").intValue()).isEqualTo(bytes.length);
    assertThat(output.has("data")).isFalse();
    assertThat(Arrays.copyOfRange(response.body(), length, response.body().length)).isEqualTo(bytes);
  }

  @Test
  void jsonAndBinaryMixInInputsAndOutputs() {
    ByteBuffer b = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) b.putFloat(i);
    String head = """
        {"inputs": [{"name": "b", "shape": [2, 3], "datatype": "FP32", "parameters": {"binary_data_size": 24}},
                    {"name": "a", "shape": [2, 3], "datatype": "FP32", "data": [0, 10, 20, 30, 40, 50]}],
         "outputs": [{"name": "sum", "parameters": {"binary_data": true}}, {"name": "difference", "parameters": {"binary_data": false}}]}""";
    HttpResponse<byte[]> response = binary("add", head, b.array());
    int length = headLength(response);
    JsonNode answer = ServerFixture.tree(Arrays.copyOf(response.body(), length));
    assertThat(answer.path("outputs").path(1).path("data").toString()).isEqualTo("[0.0,9.0,18.0,27.0,36.0,45.0]");
    ByteBuffer sum = ByteBuffer.wrap(response.body(), length, 24).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) assertThat(sum.getFloat()).isEqualTo(11f * i);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/octet-stream");
  }

  @Test
  void binaryInputsMayComeInManyChunksOfUnknownLength() {
    byte[] bytes = new byte[3 * 4 * 100_000];
    new Random(5).nextBytes(bytes);
    for (int i = 3; i < bytes.length; i += 4) bytes[i] &= 0x3f;
    String head = "{\"inputs\": [{\"name\": \"x\", \"shape\": [100000, 3], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": "
        + bytes.length + "}}], \"parameters\": {\"binary_data_output\": true}}";
    byte[] body = concat(head.getBytes(StandardCharsets.UTF_8), bytes);
    HttpRequest request = server.to("/v2/models/id-FP32/infer")
        .header(InferenceHttp.HEADER_LENGTH, Integer.toString(head.length()))
        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)))
        .build();
    HttpResponse<byte[]> response = server.send(request);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(Arrays.copyOfRange(response.body(), headLength(response), response.body().length)).isEqualTo(bytes);
  }

  @Test
  void aModelIsLoadedAtItsFirstRequestWhileItsInputArrives() throws IOException {
    server.model("fresh", "1", OnnxModels.identity(DataType.UINT8, -1));
    byte[] bytes = new byte[1 << 20];
    new Random(9).nextBytes(bytes);
    String head = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1048576], \"datatype\": \"UINT8\", \"parameters\": {\"binary_data_size\": 1048576}}],"
        + "\"parameters\": {\"binary_data_output\": true}}";
    HttpResponse<byte[]> response = binary("fresh", head, bytes);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(Arrays.copyOfRange(response.body(), headLength(response), response.body().length)).isEqualTo(bytes);
  }

  @Test
  void bodiesMayBeCompressed() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(("{" + A_AND_B + "}").getBytes(StandardCharsets.UTF_8));
    }
    HttpResponse<byte[]> response = server.send(server.to("/v2/models/add/infer")
        .header("Content-Encoding", "gzip")
        .POST(HttpRequest.BodyPublishers.ofByteArray(compressed.toByteArray()))
        .build());
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
  }

  @Test
  void theVersionMayBeInThePath() {
    HttpResponse<byte[]> response = server.post("/v2/models/add/versions/1/infer", "{" + A_AND_B + "}");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(server.post("/v2/models/add/versions/2/infer", "{" + A_AND_B + "}").statusCode()).isEqualTo(404);
  }

  private static JsonNode infer(String model, String json) {
    HttpResponse<byte[]> response = server.post("/v2/models/" + model + "/infer", json);
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return ServerFixture.json(response);
  }

  private static HttpResponse<byte[]> binary(String model, String head, byte[] bytes) {
    byte[] json = head.getBytes(StandardCharsets.UTF_8);
    return server.send(server.to("/v2/models/" + model + "/infer")
        .header("Content-Type", "application/octet-stream")
        .header(InferenceHttp.HEADER_LENGTH, Integer.toString(json.length))
        .POST(HttpRequest.BodyPublishers.ofByteArray(concat(json, bytes)))
        .build());
  }

  private static int headLength(HttpResponse<byte[]> response) {
    return Integer.parseInt(response.headers().firstValue(InferenceHttp.HEADER_LENGTH).orElseThrow());
  }

  private static String one(String name, String type, String shape, String data) {
    return "{\"inputs\": [{\"name\": \"%s\", \"shape\": %s, \"datatype\": \"%s\", \"data\": %s}]}".formatted(name, shape, type, data);
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
