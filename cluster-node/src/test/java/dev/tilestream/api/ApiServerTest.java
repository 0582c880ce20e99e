package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiServerTest {
  @TempDir Path temp;

  @Test
  void answersWhatIsRunningBeforeItStopsAndNothingAfter() throws Exception {
    ServerFixture server = new ServerFixture(temp.resolve("models"), 1 << 20, "tilestream.api.stop-timeout = 20s");
    server.loaded("x", OnnxModels.identity(DataType.FLOAT32, -1));
    String json = "{\"inputs\": [{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\", \"data\": [1, 2]}]}";
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write("POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n{".formatted(json.length()).getBytes());
      await().untilAsserted(() -> assertThat(ServerFixture.json(server.get("/api/status")).path("requests_in_flight").intValue()).isEqualTo(1));
      CompletableFuture<Void> stopped = server.server().stop().toCompletableFuture();
      await().untilAsserted(() -> assertThatThrownBy(() -> new Socket("127.0.0.1", server.port()).close()).isInstanceOf(IOException.class));
      assertThat(stopped).isNotDone();
      out.write(json.substring(1).getBytes());
      socket.setSoTimeout(10_000);
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 200").contains("[1.0,2.0]");
      stopped.get();
    } finally {
      server.close();
    }
  }

  @Test
  void failsToStartOnAnAddressThatIsTaken() throws Exception {
    try (ServerFixture server = new ServerFixture(temp.resolve("models"), 1 << 20, "")) {
      assertThatThrownBy(() -> server.another(server.port())).hasMessageContaining("Bind failed");
    }
  }

  @Test
  void manyAtOnceEachGetTheirOwnAnswer() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(8);
    try (ServerFixture server = new ServerFixture(temp.resolve("models"), 64 << 20, "")) {
      server.loaded("x", OnnxModels.identity(DataType.FLOAT32, -1));
      List<Callable<Boolean>> requests = new ArrayList<>();
      for (int i = 0; i < 300; i++) requests.add(i % 2 == 0 ? json(server, i) : binary(server, i));
      for (Future<Boolean> answered : clients.invokeAll(requests)) assertThat(answered.get()).isTrue();
      assertThat(server.pool.inUse()).isZero();
      assertThat(ServerFixture.json(server.get("/api/status")).path("requests_in_flight").intValue()).isZero();
    } finally {
      clients.shutdownNow();
    }
  }

  private static Callable<Boolean> json(ServerFixture server, int seed) {
    String data = Arrays.toString(new Random(seed).ints(1 + seed, 0, 1 << 20).mapToObj(v -> v + ".0").toArray()).replace(" ", "");
    String request = "{\"inputs\": [{\"name\": \"x\", \"shape\": [%d], \"datatype\": \"FP32\", \"data\": %s}]}".formatted(1 + seed, data);
    return () -> {
      HttpResponse<byte[]> response = server.post("/v2/models/x/infer", request);
      return response.statusCode() == 200 && ServerFixture.json(response).path("outputs").path(0).path("data").toString().equals(data);
    };
  }

  private static Callable<Boolean> binary(ServerFixture server, int seed) {
    byte[] bytes = new byte[4 * (1 + seed * 100)];
    new Random(seed).nextBytes(bytes);
    String head = "{\"parameters\": {\"binary_data_output\": true}, \"inputs\": [{\"name\": \"x\", \"shape\": [%d], \"datatype\": \"FP32\", "
        .formatted(bytes.length / 4) + "\"parameters\": {\"binary_data_size\": %d}}]}".formatted(bytes.length);
    HttpRequest request = server.to("/v2/models/x/infer")
        .header(InferenceHttp.HEADER_LENGTH, Integer.toString(head.length()))
        .POST(HttpRequest.BodyPublishers.ofByteArrays(List.of(head.getBytes(StandardCharsets.UTF_8), bytes)))
        .build();
    return () -> {
      HttpResponse<byte[]> response = server.send(request);
      byte[] body = response.body();
      return response.statusCode() == 200 && Arrays.equals(bytes, Arrays.copyOfRange(body, body.length - bytes.length, body.length));
    };
  }
}
