package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.tensor.DataType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureHttpTest {
  private static final Path DATA = Path.of(System.getProperty("tilestream.data", "../../shared/data"));

  @TempDir static Path temp;
  private static ServerFixture server;

  @BeforeAll
  static void start() throws IOException {
    server = new ServerFixture(temp.resolve("models"), 64 << 20, "tilestream.api { max-picture = 1 MiB, max-picture-side = 2000 }");
    server.loaded("bytes", OnnxModels.identity(DataType.UINT8, 1, 2, 3, 3));
    server.config("bytes", "1", "{\"input\": {\"width\": 3, \"height\": 2, \"layout\": \"NHWC\", \"channelOrder\": \"BGR\"}}");
    server.loaded("wrong", OnnxModels.identity(DataType.UINT8, 1, 3, 2, 2));
    server.config("wrong", "1", "{\"input\": {\"width\": 3, \"height\": 2}}");
    server.loaded("typo", OnnxModels.identity(DataType.UINT8, 1, 3, 2, 2));
    server.config("typo", "1", "{\"inputs\": {\"width\": 3, \"height\": 2}}");
    server.loaded("plain", OnnxModels.identity(DataType.UINT8, 1, 3, 2, 2));
    server.loaded("two", OnnxModels.sumAndDifference(1, 3, 2, 2));
    server.config("two", "1", "{\"input\": {\"width\": 2, \"height\": 2}}");
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
  void aPictureGoesInAsTheModelWantsIt() throws IOException {
    HttpResponse<byte[]> response = send("bytes", "?strategy=even&timeline=true&deadline_ms=20000", "image/png", png(3, 2));
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
    JsonNode answer = ServerFixture.json(response);
    JsonNode data = answer.path("outputs").path(0).path("data");
    for (int y = 0; y < 2; y++)
      for (int x = 0; x < 3; x++)
        for (int c = 0; c < 3; c++) assertThat(data.path((y * 3 + x) * 3 + c).intValue()).isEqualTo(colour(x, y) >> 8 * c & 0xff);
    assertThat(answer.path("parameters").path("strategy").textValue()).isEqualTo("even");
    assertThat(answer.path("parameters").path("timeline").size()).isEqualTo(1);
  }

  @Test
  void aPictureThatNeedsMoreMemoryThanThereIsIsRefusedBeforeItIsDecoded() throws IOException {
    try (ServerFixture poor = new ServerFixture(temp.resolve("poor"), 1 << 20, "tilestream.api.heap-for-bodies = 239 kB")) {
      poor.loaded("bytes", OnnxModels.identity(DataType.UINT8, 1, 2, 3, 3));
      poor.config("bytes", "1", "{\"input\": {\"width\": 3, \"height\": 2, \"layout\": \"NHWC\"}}");
      HttpRequest.Builder request = poor.to("/v2/models/bytes/infer").header("Content-Type", "image/png");
      assertThat(poor.send(request.copy().POST(HttpRequest.BodyPublishers.ofByteArray(png(3, 2))).build()).statusCode()).isEqualTo(200);
      refused(413, "picture: 240000 bytes while it is decoded (expected: at most 239000)",
          poor.send(request.POST(HttpRequest.BodyPublishers.ofByteArray(png(200, 200))).build()));
    }
  }

  @Test
  void refusesPicturesAndModelsThatDoNotFit() throws IOException {
    byte[] png = png(3, 2);
    refused(400, "model plain: takes no pictures", send("plain", "", "image/png", png));
    refused(400, "model two: has 2 inputs (expected: one, to take a picture)", send("two", "", "image/png", png));
    refused(500, "model wrong: config.json: input makes [1,3,2,3] (expected: shape [1, 3, 2, 2], as the model says)", send("wrong", "",
        "image/png", png));
    refused(500, "typo/1/config.json line 1, inputs: unknown field", send("typo", "", "image/png", png));
    refused(400, "picture: neither JPEG nor PNG", send("bytes", "", "image/jpeg", "hello, world".getBytes()));
    refused(400, "picture: neither JPEG nor PNG", send("bytes", "", "image/jpeg", new byte[0]));
    refused(400, "picture: ", send("bytes", "", "image/png", Arrays.copyOf(png, png.length / 2)));
    refused(413, "picture: 2001 x 1 pixels", send("bytes", "", "image/png", png(2001, 1)));
    refused(413, "picture: 1048577 bytes (expected: at most 1048576)", send("bytes", "", "image/png", new byte[(1 << 20) + 1]));
    refused(400, "parameters: strategy: quick (expected: one of", send("bytes", "?strategy=quick", "image/png", png));
    refused(400, "query: halo: twice (expected: once)", send("bytes", "?halo=1&timeline=true&halo=2", "image/png", png));
    refused(400, "parameters: objective: weighted:1 (expected: weighted:PER_SECOND", send("bytes", "?objective=weighted:1", "image/png", png));
    refused(400, "query: deadline_ms: soon (expected: a number)", send("bytes", "?deadline_ms=soon", "image/png", png));
    refused(400, "query: stratgy (expected: strategy,", send("bytes", "?stratgy=even", "image/png", png));
    refused(404, "model nobody", send("nobody", "", "image/png", png));
  }

  @Test
  void findsTheFaceInAPhotograph() throws IOException {
    Path model = present("models/ultraface-rfb-320.onnx");
    server.loaded("ultraface", Files.readAllBytes(model));
    server.config("ultraface", "1",
        """
            {"input": {"width": 320, "height": 240, "mean": [127], "scale": [0.0078125]}, "labels": ["", "face"],
             "postprocess": {"kind": "boxes", "boxes": "boxes", "output": "scores", "background": 0, "confidence": 0.7}}""");
    JsonNode answer = photograph("ultraface", "images/face.jpg", "");
    assertThat(answer.path("parameters").path("detections")).hasSize(1);
    JsonNode face = answer.path("parameters").path("detections").path(0);
    assertThat(face.path("label").asText()).isEqualTo("face");
    assertThat(face.path("box").path(2).asDouble()).as("right of its left edge").isGreaterThan(face.path("box").path(0).asDouble() + 10);
    assertThat(photograph("ultraface", "images/face.jpg", "?outputs=none").path("outputs")).isEmpty();
    JsonNode outputs = answer.path("outputs");
    JsonNode scores = output(outputs, "scores");
    double best = 0;
    for (int i = 1; i < scores.size(); i += 2) best = Math.max(best, scores.path(i).doubleValue());
    assertThat(best).isGreaterThan(0.9);
  }

  @Test
  void fastestdetAnswersFiniteNumbersInItsShape() throws IOException {
    Path model = present("models/fastestdet-352.onnx");
    server.loaded("fastestdet", Files.readAllBytes(model));
    server.config("fastestdet", "1",
        "{\"input\": {\"width\": 352, \"height\": 352, \"channelOrder\": \"BGR\", \"scale\": [0.00392156862745098]}}");
    JsonNode output = photograph("fastestdet", "images/street.jpg", "").path("outputs").path(0);
    assertThat(output.path("shape").toString()).isEqualTo("[1,85,22,22]");
    double objectness = 0;
    for (int i = 0; i < 22 * 22; i++) objectness = Math.max(objectness, output.path("data").path(i).doubleValue());
    assertThat(objectness).isBetween(0.5, 1.0);
  }

  @Test
  void grayModelsTakeColourPictures() throws IOException {
    server.loaded("gray", OnnxModels.identity(DataType.FLOAT32, -1, 1, 2, 3));
    server.config("gray", "1", "{\"input\": {\"width\": 3, \"height\": 2, \"channelOrder\": \"GRAY\"}}");
    JsonNode data = ServerFixture.json(send("gray", "", "image/png", png(3, 2))).path("outputs").path(0).path("data");
    int colour = colour(2, 1);
    double luma = 0.299 * (colour >> 16 & 0xff) + 0.587 * (colour >> 8 & 0xff) + 0.114 * (colour & 0xff);
    assertThat(data.path(5).doubleValue()).as("whole, as bytes are").isEqualTo(Math.floor(luma + 0.5));
  }

  private static Path present(String file) {
    Path path = DATA.resolve(file);
    Assumptions.assumeTrue(Files.isRegularFile(path), () -> "test data absent: " + path + " (set -Dtilestream.data)");
    return path;
  }

  private static JsonNode photograph(String model, String file, String query) throws IOException {
    HttpResponse<byte[]> response = send(model, query, "image/jpeg", Files.readAllBytes(present(file)));
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(200);
    return ServerFixture.json(response);
  }

  private static JsonNode output(JsonNode outputs, String name) {
    for (JsonNode output : outputs) if (output.path("name").textValue().equals(name)) return output.path("data");
    throw new AssertionError("output %s is not in %s".formatted(name, outputs.findValuesAsText("name")));
  }

  private static HttpResponse<byte[]> send(String model, String query, String type, byte[] picture) {
    return server.send(server.to("/v2/models/" + model + "/infer" + query)
        .header("Content-Type", type)
        .POST(HttpRequest.BodyPublishers.ofByteArray(picture))
        .build());
  }

  private static void refused(int status, String message, HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(status);
    assertThat(ServerFixture.json(response).path("error").textValue()).contains(message);
  }

  private static int colour(int x, int y) {
    return (x * 40 + y * 100 + 7) << 16 | (x * 13 + 1) << 8 | (y * 200 + x);
  }

  private static byte[] png(int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) image.setRGB(i % width, i / width, colour(i % width, i / width) & 0xffffff);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
