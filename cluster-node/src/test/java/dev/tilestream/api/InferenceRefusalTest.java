package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the server says to requests that are wrong; after each, it serves on and holds no memory. */
class InferenceRefusalTest {
  private static final String GOOD = one("\"shape\": [2, 3], \"datatype\": \"FP32\", \"data\": [1, 2, 3, 4, 5, 6]");

  @TempDir static Path temp;
  private static ServerFixture server;

  @BeforeAll
  static void start() throws IOException {
    server = new ServerFixture(temp.resolve("models"), 1 << 20,
        "tilestream.api { max-body = 4 MiB, max-json = 1 MiB, max-in-flight = 2, body-idle-timeout = 1s, longest-deadline = 1 minute }");
    server.loaded("x", OnnxModels.identity(DataType.FLOAT32, -1, 3));
    server.loaded("two", OnnxModels.sumAndDifference(2));
    server.loaded("int", OnnxModels.identity(DataType.INT32, -1));
    server.loaded("sequence", OnnxModels.sequenceLength());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void servesOnAndHoldsNothing() {
    await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(server.pool.inUse()).isZero());
    await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(ServerFixture.json(server.get("/api/status")).path("requests_in_flight").intValue()).isZero());
    assertThat(server.post("/v2/models/x/infer", GOOD).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "shape": [2, 3], "datatype": "FP64", "data": [1,2,3,4,5,6]             | input "x": datatype FP64 (expected: FP32)
      "shape": [2, 3], "datatype": "FLOAT", "data": [1,2,3,4,5,6]            | input "x": datatype FLOAT (expected: FP32)
      "shape": [3, 2], "datatype": "FP32", "data": [1,2,3,4,5,6]             | input "x": shape [3, 2] (expected: [-1, 3], -1 for any)
      "shape": [6], "datatype": "FP32", "data": [1,2,3,4,5,6]                | input "x": shape [6] (expected: [-1, 3], -1 for any)
      "shape": [-1, 3], "datatype": "FP32", "data": [1,2,3]                  | input "x": shape has -1 (expected: no negative dimension)
      "shape": [2.0, 3], "datatype": "FP32", "data": [1,2,3]                 | input "x".shape: 2.0 (expected: a whole number)
      "shape": [99999999999999999999, 3], "datatype": "FP32", "data": [1]    | input "x".shape: 99999999999999999999 (expected: a 64-bit whole number)
      "shape": [9223372036854775807, 3], "datatype": "FP32", "data": [1]     | (expected: less than 2 GiB)
      "shape": [178956971, 3], "datatype": "FP32", "data": [1]               | input "x": shape [178956971, 3] of FP32 (expected: less than 2 GiB)
      "shape": [178956970, 3], "datatype": "FP32", "data": [1]               | characters on (expected: 536870910 elements, for shape [178956970,3])
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5]               | input "x": data: 5 elements (expected: 6, for shape [2,3])
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5,6,7]           | input "x": data: more than 6 elements
      "shape": [2, 3], "datatype": "FP32", "data": [[1,2],[3,4],[5,6]]       | input "x": data: 2 entries at depth 2 (expected: 3, for shape [2,3])
      "shape": [2, 3], "datatype": "FP32", "data": [[1,2,3],4,5,6]           | input "x": data: 4 at depth 1 (expected: shape [2,3])
      "shape": [2, 3], "datatype": "FP32", "data": [1,[2,3],4,5,6]           | input "x": data: nested deeper or otherwise than shape [2,3]
      "shape": [2, 3], "datatype": "FP32", "data": [[[1,2,3],[4,5,6]]]       | input "x": data: nested deeper or otherwise than shape [2,3]
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5,"6"]           | input "x": element 5: "6" (expected: a number, "NaN", "Infinity" or "-Infinity", for FP32)
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5,null]          | input "x": element 5: null (expected: a number
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5,{}]            | input "x": element 5: { (expected: a number
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5,1e39]          | input "x": element 5: 1e39 (expected: within the range of FP32
      "shape": [2, 3], "datatype": "FP32", "data": [1,2,3,4,5,NaN]           | JSON, line 1, column
      "shape": [2, 3], "datatype": "FP32", "data": 7, "z": "0123456789" | input "x": data: 7 (expected: an array of 6 elements)
      "shape": [2, 3], "datatype": "FP32"                                    | input "x": neither (expected: either data or parameters.binary_data_size)
      "shape": [2, 3], "data": [1,2,3,4,5,6]                                 | input "x": no datatype
      "datatype": "FP32", "data": [1,2,3,4,5,6]                              | input "x": no shape (expected: [-1, 3])
      "shape": [1, 3], "datatype": "FP32", "data": [1,2,3], "parameters": {"binary_data_size": 12} | input "x": both (expected: either data
      "shape": [1, 3], "datatype": "FP32", "parameters": {"binary_data_size": 12} | input "x": 0 bytes left behind the JSON (expected: 12 more)
      "shape": [1, 3], "datatype": "FP32", "parameters": {"binary_data_size": 13} | input "x": binary_data_size 13 (expected: 12, for FP32 [1,3])
      "shape": [1, 3], "datatype": "FP32", "parameters": {"binary_data_size": -1} | input "x": binary_data_size -1 (expected: not negative)
      "shape": [1, 3], "shape": [1, 3]                                       | JSON, line 1, column
      """)
  void saysWhatIsWrongWithATensor(String tensor, String expected) {
    refused(400, expected, server.post("/v2/models/x/infer", one(tensor)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      400 | two | {}                                                                     | inputs: missing
      400 | two | []                                                                     | request: [ (expected: an object)
      400 | two |                                                                        | request: nothing (expected: an object)
      400 | two | {"inputs": 3}                                                          | inputs: 3 (expected: an array)
      400 | two | {"inputs": [3]}                                                        | inputs[0]: 3 (expected: an object)
      400 | two | {"inputs": []}                                                         | input "a": missing (expected: FP32 [2])
      400 | two | {"inputs": [AA]}                                                       | input "b": missing (expected: FP32 [2])
      400 | two | {"inputs": [AA, AA]}                                                   | input "a": twice (expected: once)
      400 | two | {"inputs": [AA, {"name": "c", "shape": [2], "datatype": "FP32", "data": [1,2]}]} | input "c": unknown (expected: one of [a, b])
      400 | two | {"inputs": [{"shape": [2], "datatype": "FP32", "data": [1,2]}]}        | inputs[0]: no name (expected: one of [a, b])
      400 | two | {"inputs": [AA, BB], "outputs": [{"name": "c"}]}                       | output "c": unknown (expected: one of [
      400 | two | {"inputs": [AA, BB], "outputs": [{"name": "sum"}, {"name": "sum"}]}    | output "sum": twice (expected: once)
      400 | two | {"inputs": [AA, BB], "outputs": [{}]}                                  | outputs[0]: no name (expected: one of [
      400 | two | {"inputs": [AA, BB], "id": 7}                                          | id: 7 (expected: a text)
      400 | two | {"inputs": [AA, BB], "parameters": []}                                 | parameters: [ (expected: an object)
      400 | two | {"inputs": [AA, BB], "parameters": {"strategy": "fast"}}               | parameters: strategy: fast (expected: one of local,
      400 | two | {"inputs": [AA, BB], "parameters": {"deadline_ms": 0}}                 | parameters: deadline_ms: 0.0 (expected: above 0, at most 60000)
      400 | two | {"inputs": [AA, BB], "parameters": {"deadline_ms": "1"}}               | parameters.deadline_ms: "1" (expected: a number)
      400 | two | {"inputs": [AA, BB], "parameters": {"halo": -1}}                       | parameters: halo: -1 (expected: 0 to 4096 rows)
      400 | two | {"inputs": [AA, BB], "parameters": {"halo": 1.5}}                      | parameters.halo: 1.5 (expected: a whole number)
      400 | two | {"inputs": [AA, BB], "parameters": {"objective": "fame"}}              | parameters: objective: fame (expected: latency, energy or energy:DEADLINE
      400 | two | {"inputs": [AA, BB], "parameters": {"deadline_ms": 1e9}}               | parameters: deadline_ms: 1.0E9 (expected: above 0, at most 60000)
      400 | two | {"inputs": [AA, BB], "parameters": {"timeline": 1}}                    | parameters.timeline: 1 (expected: true or false)
      400 | two | {"inputs": [AA, BB]} x                                                 | JSON, line 1, column
      400 | two | {"inputs": [AA, BB]} {}                                                | JSON: { behind the request (expected: nothing)
      400 | two | {"inputs": [AA, BB]                                                    | JSON, line 1, column
      400 | two | {"inputs": [AA, BB], "inputs": []}                                     | JSON, line 1, column
      400 | two | {"inputs": [AA, BB], "outputs": [{"name": "sum", "parameters": {"classification": -1}}]} | classification: -1 (expected: 0 to 10000)
      501 | two | {"inputs": [{"name": "a", "parameters": {"shared_memory_region": "r"}}]} | shared_memory_region: not supported
      501 | sequence | {"inputs": [{"name": "s", "shape": [1], "datatype": "FP32", "data": [1]}]} | input "s": the model takes no plain tensor
      504 | two | {"inputs": [AA, BB], "parameters": {"deadline_ms": 0.000001}}          | expected: within PT
      400 | int | {"inputs": [{"name": "x", "shape": [1], "datatype": "INT32", "data": ["NaN"]}]} | input "x": element 0: "NaN" (expected: a whole number, for INT32)
      400 | int | {"inputs": [{"name": "x", "shape": [1], "datatype": "INT32", "data": [1.5]}]}   | input "x": element 0: 1.5 (expected: a whole number, for INT32)
      400 | int | {"inputs": [{"name": "x", "shape": [1], "datatype": "INT32", "data": [2147483648]}]} | (expected: within the range of INT32, for INT32)
      404 | nobody | {}                                                                  | model nobody: not in the repository
      400 | ..%2F..%2Fetc%2Fpasswd | {}                                                  | model name: "../../etc/passwd" (expected: 1 to 128 of
      400 | a%00b | {}                                                                   | model name: "a?b" (expected: 1 to 128 of
      400 | two/versions/..%2F1 | {}                                                     | model version: "../1" (expected: a whole number
      404 | two/versions/7 | {}                                                          | model two version 7: not in the repository
      404 | ../../../etc/passwd | {}                                                     | nothing is served there
      """)
  void saysWhatIsWrongWithARequest(int status, String model, String json, String expected) {
    String body = json == null ? "" : json
        .replace("AA", "{\"name\": \"a\", \"shape\": [2], \"datatype\": \"FP32\", \"data\": [1, 2]}")
        .replace("BB", "{\"name\": \"b\", \"shape\": [2], \"datatype\": \"FP32\", \"data\": [1, 2]}");
    refused(status, expected, server.post("/v2/models/" + model + "/infer", body));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      12 | 8  | input "x": 8 bytes left behind the JSON (expected: 12 more)
      12 | 16 | binary: 16 bytes behind the JSON (expected: 12, the sum of binary_data_size)
      12 | 0  | input "x": 0 bytes left behind the JSON (expected: 12 more)
      24 | 24 | input "x": binary_data_size 24 (expected: 12, for FP32 [1,3])
      """)
  void comparesTheBinarySizesWithWhatCame(int claimed, int sent, String expected) {
    String head = one("\"shape\": [1, 3], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": " + claimed + "}");
    refused(400, expected, binary(head, head.length(), new byte[sent], true));
  }

  @Test
  void noticesTruncationWhenTheLengthWasNotAnnounced() {
    String head = one("\"shape\": [1, 3], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": 12}");
    refused(400, "input \"x\": truncated after 8 bytes (expected: 12)", binary(head, head.length(), new byte[8], false));
    refused(400, "binary: 4 bytes or more behind the last input (expected: none)", binary(head, head.length(), new byte[16], false));
    refused(400, "body: ends after " + (head.length() + 8) + " bytes (expected: 5000 bytes of JSON)", binary(head, 5000, new byte[8], false));
    refused(400, "JSON, line 1, column", binary(head, head.length() - 5, new byte[12], false));
  }

  @ParameterizedTest
  @CsvSource({"00", "-1", "abc", "1e3", "99999999999"})
  void refusesHeaderLengthsThatAreNone(String length) {
    HttpRequest request = server.to("/v2/models/x/infer")
        .header(InferenceHttp.HEADER_LENGTH, length)
        .POST(HttpRequest.BodyPublishers.ofString(GOOD))
        .build();
    refused(400, "Inference-Header-Content-Length: " + length, server.send(request));
  }

  @Test
  void refusesABodyThatClaimsTwoGigabytesBeforeItComes() throws IOException {
    String answer = raw("POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n{");
    assertThat(answer).startsWith("HTTP/1.1 413").contains("{\"error\":\"body: 2147483648 bytes (expected: at most 4194304)\"}");
  }

  @Test
  void refusesABodyThatTurnsOutTooLarge() {
    HttpRequest endless = server.to("/v2/models/x/infer")
        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new Zeros(1_500_000)))
        .build();
    refused(413, "JSON: ", server.send(endless));
  }

  @Test
  void clientsThatAreStillSendingSeeWhyTheyAreRefused() {
    HttpRequest large = server.to("/v2/models/x/infer").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[20 << 20])).build();
    for (int i = 0; i < 10; i++) refused(413, "body: 20971520 bytes (expected: at most 4194304)", server.send(large));
    HttpRequest nowhere = server.to("/v2/models/nobody/infer").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[3 << 20])).build();
    refused(404, "model nobody", server.send(nowhere));
  }

  @Test
  void refusesTooMuchJson() {
    refused(413, "JSON: 1048577 bytes (expected: at most 1048576)", server.post("/v2/models/x/infer", " ".repeat((1 << 20) + 1)));
  }

  @Test
  void saysTooManyRequestsWithAnHourToComeBack() throws IOException {
    try (Socket first = open(); Socket second = open()) {
      for (Socket socket : new Socket[] {first, second})
        send(socket, "POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
      await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(ServerFixture.json(server.get("/api/status")).path("requests_in_flight").intValue()).isEqualTo(2));
      HttpResponse<byte[]> response = server.post("/v2/models/x/infer", GOOD);
      refused(429, "2 requests are being served (expected: fewer)", response);
      assertThat(response.headers().firstValue("Retry-After")).contains("1");
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      GET /v2/models/%zz HTTP/1.1                                              | 400
      GET /v2 HTTP/1.1~Content-Length: many                               | 400
      BREW /v2 HTTP/1.1                                                        | 501
      POST /v2/models/x/infer HTTP/1.1~Content-Length: 9999999999999999999 | 400
      """)
  void answersWhatIsNotHttpInTheSameForm(String request, int status) throws IOException {
    String answer = raw(request.replace("~", "\r\n") + "\r\nHost: x\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 " + status).contains("Content-Type: application/json").contains("{\"error\":\"");
  }

  @Test
  void clientsThatGoAwayInTheMiddleLeaveNothingBehind() throws IOException {
    String head = one("\"shape\": [20000, 3], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": 240000}");
    String start = "POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\n%s: %d\r\nContent-Length: %d\r\n\r\n%s....".formatted(
        InferenceHttp.HEADER_LENGTH, head.length(), head.length() + 240_000, head);
    for (int i = 0; i < 10; i++) {
      try (Socket socket = open()) {
        send(socket, start);
        await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(server.pool.inUse()).isPositive());
      }
      await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(server.pool.inUse()).isZero());
    }
  }

  @Test
  void givesUpOnAClientThatStopsSending() throws IOException {
    String answer = raw("POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
    assertThat(answer).startsWith("HTTP/1.1 408").contains("\"error\"");
  }

  @Test
  void givesUpOnAClientThatSendsAByteNowAndThen() throws Exception {
    try (Socket socket = open()) {
      send(socket, "POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
      InputStream answer = socket.getInputStream();
      for (int i = 0; i < 100 && answer.available() == 0; i++) {
        send(socket, " ");
        Thread.sleep(100);
      }
      assertThat(answer.available()).as("told while it was sending").isPositive();
      assertThat(new String(answer.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void aStreamThatIsFullIsToldSoBeforeItsTensorsCome() throws IOException {
    String head = "{\"parameters\": {\"sequence_id\": \"%s\"}, \"inputs\": [{\"name\": \"x\", \"shape\": [20000, 3], \"datatype\": \"FP32\", "
        .formatted(WholeModelService.FULL_STREAM) + "\"parameters\": {\"binary_data_size\": 240000}}]}";
    String answer = raw("POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\n%s: %d\r\nContent-Length: %d\r\n\r\n%s....".formatted(
        InferenceHttp.HEADER_LENGTH, head.length(), head.length() + 240_000, head));
    assertThat(answer).startsWith("HTTP/1.1 503").contains("Retry-After: 7").contains("{\"error\":\"it is full\"}");
    HttpResponse<byte[]> whole = binary(head, head.length(), new byte[240_000], true);
    refused(503, "it is full", whole);
  }

  @Test
  void saysLaterWhenThereIsNoMemoryForTheInput() {
    String head = one("\"shape\": [100000, 3], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": 1200000}");
    HttpResponse<byte[]> response = binary(head, head.length(), new byte[1_200_000], true);
    refused(503, "native memory: 1200000 bytes wanted", response);
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void refusesContentThatItCannotRead() {
    refused(415, "Content-Type: image/gif", server.send(server.to("/v2/models/x/infer")
        .header("Content-Type", "image/gif").POST(HttpRequest.BodyPublishers.ofString("GIF89a")).build()));
    refused(415, "Content-Encoding: br", server.send(server.to("/v2/models/x/infer")
        .header("Content-Encoding", "br").POST(HttpRequest.BodyPublishers.ofString(GOOD)).build()));
    HttpResponse<byte[]> broken = server.send(server.to("/v2/models/x/infer")
        .header("Content-Encoding", "gzip").POST(HttpRequest.BodyPublishers.ofString(GOOD)).build());
    refused(400, "body: Not in GZIP format", broken);
  }

  @Test
  void refusesEndlessNesting() {
    refused(400, "JSON: nested deeper than 32", server.post("/v2/models/x/infer", "{\"z\": " + "[".repeat(500_000)));
    refused(400, "nested deeper", server.post("/v2/models/x/infer", one("\"data\": " + "[".repeat(500_000))));
  }

  @Test
  void refusesNumbersThatTakeForEverToRead() {
    String digits = "9".repeat(900_000);
    refused(400, "expected: at most 1100 characters", server.post("/v2/models/x/infer", one("\"shape\": [1, 3], \"datatype\": \"FP32\", \"data\": [" + digits + "]")));
    refused(400, "input \"x\".shape: 999", server.post("/v2/models/x/infer", one("\"shape\": [" + digits.substring(0, 1000) + "]")));
  }

  @Test
  void refusesMoreFieldsThanAnyRequestHas() {
    StringBuilder many = new StringBuilder("{\"z\": {");
    for (int i = 0; i < 100_000; i++) many.append(i == 0 ? "\"" : ",\"").append(i).append("\":0");
    refused(400, "JSON: more than 10000 fields (expected: at most 10000)", server.post("/v2/models/x/infer", many + "}}"));
  }

  @Test
  void refusesOtherEncodingsThanUtf8() {
    HttpRequest request = server.to("/v2/models/x/infer").POST(HttpRequest.BodyPublishers.ofString(GOOD, StandardCharsets.UTF_16)).build();
    refused(400, "JSON: byte 0xfe (expected: UTF-8)", server.send(request));
  }

  @Test
  void neverAnswersWithAnythingButTheDocumentedErrorsWhateverComes() {
    Random random = new Random(17);
    byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 500; round++) {
      byte[] mutated = good.clone();
      for (int i = random.nextInt(4); i >= 0; i--) mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      HttpResponse<byte[]> response = server.send(server.to("/v2/models/x/infer").POST(HttpRequest.BodyPublishers.ofByteArray(mutated)).build());
      assertThat(response.statusCode()).as(new String(mutated)).isIn(200, 400, 501);
      if (response.statusCode() != 200) assertThat(ServerFixture.json(response).path("error").textValue()).isNotBlank();
    }
  }

  private static void refused(int status, String message, HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as(new String(response.body())).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    JsonNode answer = ServerFixture.json(response);
    assertThat(answer.path("error").textValue()).contains(message);
    assertThat(answer.size()).isEqualTo(1);
  }

  private static HttpResponse<byte[]> binary(String head, int headLength, byte[] bytes, boolean announced) {
    byte[] body = java.util.Arrays.copyOf(head.getBytes(StandardCharsets.UTF_8), head.length() + bytes.length);
    HttpRequest.BodyPublisher publisher = announced
        ? HttpRequest.BodyPublishers.ofByteArray(body)
        : HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body));
    return server.send(server.to("/v2/models/x/infer").header(InferenceHttp.HEADER_LENGTH, Integer.toString(headLength)).POST(publisher).build());
  }

  private static String one(String tensor) {
    return "{\"inputs\": [{\"name\": \"x\", " + tensor + "}]}";
  }

  private static Socket open() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Sends that, and reads until the server closes or the answer's error is whole. */
  private static String raw(String text) throws IOException {
    try (Socket socket = open()) {
      send(socket, text);
      StringBuilder answer = new StringBuilder();
      InputStream in = socket.getInputStream();
      for (int b; answer.indexOf("}") < 0 && (b = in.read()) >= 0; ) answer.append((char) b);
      return answer.toString();
    }
  }

  /** So many spaces. */
  private static final class Zeros extends InputStream {
    private int left;

    Zeros(int left) {
      this.left = left;
    }

    @Override
    public int read() {
      return left-- > 0 ? ' ' : -1;
    }
  }
}
