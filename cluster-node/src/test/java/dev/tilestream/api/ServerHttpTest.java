package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Health, metadata, the repository extension and the status page. */
class ServerHttpTest {
  @TempDir static Path temp;
  private static ServerFixture server;

  @BeforeAll
  static void start() throws IOException {
    server = new ServerFixture(temp.resolve("models"), 1 << 20, "");
    server.loaded("m", OnnxModels.sumAndDifference(-1, 3));
    server.model("m", "10", OnnxModels.sumAndDifference(2));
    server.model("rest", "1", OnnxModels.identity(DataType.UINT8, 4));
    server.model("broken", "1", "not onnx".getBytes(StandardCharsets.UTF_8));
    server.loaded("seq", OnnxModels.sequenceLength());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void tellsWhatItIs() {
    JsonNode answer = ok(server.get("/v2"));
    assertThat(answer.path("name").textValue()).isEqualTo("tilestream");
    assertThat(answer.path("version").textValue()).isNotBlank();
    assertThat(answer.path("extensions").toString()).isEqualTo("[\"binary_tensor_data\",\"model_repository\"]");
    assertThat(ok(server.get("/v2/"))).isEqualTo(answer);
  }

  @Test
  void isReadyWhenTheNodeIs() {
    assertThat(ok(server.get("/v2/health/live")).toString()).isEqualTo("{\"live\":true}");
    assertThat(ok(server.get("/v2/health/ready")).toString()).isEqualTo("{\"ready\":true}");
    server.up = false;
    try {
      assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(503);
      assertThat(server.get("/v2/health/live").statusCode()).isEqualTo(200);
    } finally {
      server.up = true;
    }
  }

  @Test
  void describesAModel() {
    JsonNode model = ok(server.get("/v2/models/m"));
    assertThat(model.toString()).isEqualTo("{\"name\":\"m\",\"versions\":[\"1\",\"10\"],\"platform\":\"onnx_onnxv1\","
        + "\"inputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[-1,3]},{\"name\":\"b\",\"datatype\":\"FP32\",\"shape\":[-1,3]}],"
        + "\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP32\",\"shape\":[-1,3]},{\"name\":\"difference\",\"datatype\":\"FP32\",\"shape\":[-1,3]}]}");
    assertThat(ok(server.get("/v2/models/m/versions/1"))).isEqualTo(model);
    assertThat(ok(server.get("/v2/models/seq")).path("inputs").path(0).path("datatype").textValue()).isEqualTo("UNKNOWN");
    assertThat(server.get("/v2/models/m/versions/11").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/models/nobody").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/models/..%2Fm").statusCode()).isEqualTo(400);
  }

  @Test
  void describesAModelThatWasNotUsedYet() throws IOException {
    server.model("new", "3", OnnxModels.identity(DataType.INT8, 7));
    try {
      assertThat(ok(server.get("/v2/models/new")).path("inputs").toString()).isEqualTo("[{\"name\":\"x\",\"datatype\":\"INT8\",\"shape\":[7]}]");
    } finally {
      server.remove("new", "3");
    }
  }

  @Test
  void tellsWhetherAModelIsReady() {
    assertThat(ok(server.get("/v2/models/m/ready")).toString()).isEqualTo("{\"name\":\"m\",\"ready\":true}");
    HttpResponse<byte[]> resting = server.get("/v2/models/rest/versions/1/ready");
    assertThat(resting.statusCode()).isEqualTo(503);
    assertThat(ServerFixture.json(resting).path("ready").booleanValue()).isFalse();
    assertThat(server.get("/v2/models/nobody/ready").statusCode()).isEqualTo(404);
  }

  @Test
  void listsTheRepository() {
    JsonNode index = ok(server.post("/v2/repository/index", "{}"));
    assertThat(index.findValuesAsText("name")).containsExactly("broken", "m", "m", "rest", "seq");
    assertThat(index.path(1).toString()).isEqualTo("{\"name\":\"m\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}");
    assertThat(index.path(2).path("state").textValue()).isEqualTo("UNAVAILABLE");
    assertThat(ok(server.post("/v2/repository/index", ""))).isEqualTo(index);
    assertThat(ok(server.post("/v2/repository/index", "{\"ready\": true}")).findValuesAsText("name")).containsExactly("m", "seq");
  }

  @Test
  void loadsAndUnloads() {
    assertThat(ok(server.post("/v2/repository/models/rest/load", "")).path("state").textValue()).isEqualTo("READY");
    String request = "{\"inputs\": [{\"name\": \"x\", \"shape\": [4], \"datatype\": \"UINT8\", \"data\": [1, 2, 3, 255]}]}";
    assertThat(ok(server.post("/v2/models/rest/infer", request)).path("outputs").path(0).path("data").toString()).isEqualTo("[1,2,3,255]");
    JsonNode unloaded = ok(server.post("/v2/repository/models/rest/unload", "{\"parameters\": {\"unload_dependents\": false}}"));
    assertThat(unloaded.path("state").textValue()).isEqualTo("UNAVAILABLE");
    assertThat(server.post("/v2/models/rest/infer", request).statusCode()).isEqualTo(404);
    assertThat(ok(server.post("/v2/repository/models/rest/versions/1/load", "{}")).path("version").textValue()).isEqualTo("1");
    ok(server.post("/v2/repository/models/rest/versions/1/unload", "{}"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      POST | /v2/repository/models/broken/load      | {}                                 | 400 | model broken/1:
      POST | /v2/repository/models/nobody/load      | {}                                 | 404 | model nobody: not in the repository
      POST | /v2/repository/models/..%2F..%2Fm/load | {}                                 | 400 | model name: "../../m"
      POST | /v2/repository/models/m/versions/a/load | {}                                | 400 | model version: "a"
      POST | /v2/repository/models/m/unload         | {"parameters": {"config": "{}"}}   | 501 | parameters.config: not supported
      POST | /v2/repository/models/m/load           | {"parameters": {"file:1/model.onnx": "AA"}} | 501 | not supported
      POST | /v2/repository/models/m/load           | [                                  | 400 | request: [
      POST | /v2/repository/models/m/reload         | {}                                 | 404 | nothing is served there
      POST | /v2/repository/models                  | {}                                 | 404 | nothing is served there
      POST | /v2/repository/index                   | {"ready": 1}                       | 400 | ready: 1 (expected: true or false)
      GET  | /v2/repository/index                   |                                    | 405 | GET /v2/repository/index (expected: POST)
      POST | /v2/health/live                        | {}                                 | 405 | POST /v2/health/live (expected: GET)
      GET  | /v2/models/m/infer                     |                                    | 405 | (expected: POST)
      GET  | /v2/models/m/versions                  |                                    | 404 | nothing is served there
      GET  | /v3                                    |                                    | 404 | /v3: nothing is served there
      """)
  void saysWhatItDoesNotDo(String method, String path, String body, int status, String message) {
    HttpRequest.BodyPublisher publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
    HttpResponse<byte[]> response = server.send(server.to(path).method(method, publisher).build());
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(status);
    assertThat(ServerFixture.json(response).path("error").textValue()).contains(message);
    if (status == 405) assertThat(response.headers().firstValue("Allow")).isPresent();
  }

  @Test
  void showsItsStatusAsJsonAndAsAPage() {
    JsonNode status = ok(server.get("/api/status"));
    assertThat(status.path("name").textValue()).isEqualTo("robot-<1>");
    assertThat(status.path("ready").booleanValue()).isTrue();
    assertThat(status.path("members").path(0).path("state").textValue()).isEqualTo("up");
    assertThat(status.path("models").findValuesAsText("name")).contains("m", "rest");
    HttpResponse<byte[]> page = server.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(new String(page.body(), StandardCharsets.UTF_8))
        .contains("<h1>robot-&lt;1&gt;</h1>", "<td>127.0.0.1:2551</td>", "<td>rest</td><td>1</td><td>UNAVAILABLE</td>")
        .doesNotContain("<1>");
  }

  private static JsonNode ok(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
    return ServerFixture.json(response);
  }
}
