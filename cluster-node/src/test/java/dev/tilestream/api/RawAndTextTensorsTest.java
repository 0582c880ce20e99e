package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.tensor.DataType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies without JSON, pictures as BYTES, and classes as texts: the protocol's extensions that are about something else than numbers. */
class RawAndTextTensorsTest {
  @TempDir static Path temp;
  private static ServerFixture server;

  @BeforeAll
  static void start() throws IOException {
    server = new ServerFixture(temp.resolve("models"), 64 << 20, "");
    server.loaded("fixed", OnnxModels.identity(DataType.FLOAT32, 1, 3));
    server.loaded("open", OnnxModels.identity(DataType.INT16, -1, 3));
    server.loaded("opener", OnnxModels.identity(DataType.FLOAT32, -1, -1));
    server.loaded("two", OnnxModels.sumAndDifference(1, 3));
    server.config("fixed", "1", "{\"labels\": [\"dock\", \"wall\"]}");
    server.loaded("picture", OnnxModels.identity(DataType.UINT8, 1, 3, 1, 2));
    server.config("picture", "1", "{\"input\": {\"width\": 2, \"height\": 1}}");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void everyBufferWasGivenBack() {
    org.awaitility.Awaitility.await().pollDelay(java.time.Duration.ZERO).untilAsserted(() -> assertThat(server.pool.inUse()).isZero());
  }

  private static HttpResponse<byte[]> send(String model, int jsonLength, byte[] body) {
    return server.send(server.to("/v2/models/" + model + "/infer").header("Content-Type", "application/octet-stream")
        .header(InferenceHttp.HEADER_LENGTH, Integer.toString(jsonLength)).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) bytes.putFloat(v);
    return bytes.array();
  }

  private static int headLength(HttpResponse<byte[]> response) {
    return Integer.parseInt(response.headers().firstValue(InferenceHttp.HEADER_LENGTH).orElseThrow());
  }

  private static byte[] behind(HttpResponse<byte[]> response) {
    return Arrays.copyOfRange(response.body(), headLength(response), response.body().length);
  }

  private static JsonNode head(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo(200);
    return ServerFixture.tree(Arrays.copyOf(response.body(), headLength(response)));
  }

  @Test
  void aBodyWithoutJsonIsTheOnlyInputAndAnswersAreBytes() {
    byte[] input = floats(1, 2.5f, -3);
    HttpResponse<byte[]> response = send("fixed", 0, input);
    assertThat(head(response).path("outputs").path(0).path("shape").toString()).isEqualTo("[1,3]");
    assertThat(behind(response)).isEqualTo(input);
  }

  @Test
  void oneOpenDimensionFollowsFromTheNumberOfBytes() {
    byte[] input = new byte[2 * 3 * 5];
    for (int i = 0; i < input.length; i++) input[i] = (byte) i;
    HttpResponse<byte[]> response = send("open", 0, input);
    assertThat(head(response).path("outputs").path(0).path("shape").toString()).isEqualTo("[5,3]");
    assertThat(behind(response)).isEqualTo(input);
    assertThat(head(send("open", 0, new byte[0])).path("outputs").path(0).path("shape").toString()).isEqualTo("[0,3]");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      fixed  | 11 | input "x": 11 bytes (expected: FP32 [1, 3])
      fixed  | 16 | input "x": 16 bytes (expected: FP32 [1, 3])
      open   | 7  | input "x": 7 bytes (expected: INT16 [-1, 3])
      opener | 8  | input "x": 8 bytes (expected: FP32 [-1, -1])
      two    | 12 | model two: has 2 inputs (expected: one, to take raw bytes)
      """)
  void bytesThatAreNotTheInputAreRefused(String model, int bytes, String error) {
    HttpResponse<byte[]> response = send(model, 0, new byte[bytes]);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(ServerFixture.json(response).path("error").asText()).isEqualTo(error);
  }

  private static byte[] png() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x102030);
    image.setRGB(1, 0, 0x405060);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static HttpResponse<byte[]> element(String model, int said, byte[] file, String shape) {
    ByteBuffer element = ByteBuffer.allocate(4 + file.length).order(ByteOrder.LITTLE_ENDIAN).putInt(said).put(file);
    byte[] json = """
        {"id": "p", "inputs": [{"name": "x", "datatype": "BYTES", "shape": %s, "parameters": {"binary_data_size": %d}}]}"""
        .formatted(shape, element.capacity()).getBytes(StandardCharsets.UTF_8);
    return send(model, json.length, ByteBuffer.allocate(json.length + element.capacity()).put(json).put(element.array()).array());
  }

  @Test
  void aPictureFileIsAnElementOfBytes() throws IOException {
    for (String shape : new String[] {"[1]", "[1, 1]"}) {
      HttpResponse<byte[]> response = element("picture", png().length, png(), shape);
      assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
      JsonNode answer = ServerFixture.json(response);
      assertThat(answer.path("id").asText()).isEqualTo("p");
      assertThat(answer.path("outputs").path(0).path("data").toString()).isEqualTo("[16,64,32,80,48,96]");
    }
  }

  @Test
  void aPictureThatIsNoneOrIsNotWantedIsRefused() throws IOException {
    refused(element("picture", 7, png(), "[1]"), "input \"x\": an element of 7 bytes in " + png().length);
    refused(element("picture", 5, "hello".getBytes(), "[1]"), "picture: neither JPEG nor PNG");
    refused(element("picture", png().length, png(), "[2]"), "input \"x\": BYTES [2] as binary data (expected: one picture file, of shape [1]");
    refused(element("fixed", png().length, png(), "[1]"), "model fixed: takes no pictures");
    String inJson = "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\"abc\"]}]}";
    refused(server.post("/v2/models/picture/infer", inJson), "input \"x\": BYTES [1] as JSON (expected: one picture file");
  }

  private static void refused(HttpResponse<byte[]> response, String start) {
    assertThat(ServerFixture.json(response).path("error").asText()).startsWith(start);
    assertThat(response.statusCode()).isEqualTo(400);
  }

  @Test
  void theLargestNumbersComeAsClassesWithTheirLabels() {
    String request = """
        {"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [0.25, 0.5, 0.125]}],
         "outputs": [{"name": "y", "parameters": {"classification": 2%s}}]}""";
    JsonNode output = ServerFixture.json(server.post("/v2/models/fixed/infer", request.formatted(""))).path("outputs").path(0);
    assertThat(output.path("datatype").asText()).isEqualTo("BYTES");
    assertThat(output.path("shape").toString()).isEqualTo("[1,2]");
    assertThat(output.path("data").toString()).isEqualTo("[\"0.5:1:wall\",\"0.25:0:dock\"]");
    HttpResponse<byte[]> binary = server.post("/v2/models/fixed/infer", request.formatted(", \"binary_data\": true"));
    assertThat(head(binary).path("outputs").path(0).path("parameters").path("binary_data_size").asInt()).isEqualTo(behind(binary).length);
    ByteBuffer texts = ByteBuffer.wrap(behind(binary)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] first = new byte[texts.getInt()];
    texts.get(first);
    assertThat(new String(first)).isEqualTo("0.5:1:wall");
  }
}
