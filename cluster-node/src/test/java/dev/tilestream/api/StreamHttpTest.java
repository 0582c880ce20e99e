package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.client.FrameAnswer;
import dev.tilestream.client.FrameConnection;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.client.Wanted;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of frames over real WebSockets, with ONNX Runtime behind them. */
class StreamHttpTest {
  private static final Wanted ANY = Wanted.by(Optional.empty());
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir static Path temp;
  private static ServerFixture server;
  private final List<FrameAnswer> answers = Collections.synchronizedList(new ArrayList<>());

  @BeforeAll
  static void start() throws IOException {
    server = new ServerFixture(temp.resolve("models"), 64 << 20, "tilestream.api { max-picture = 64 KiB, max-streams = 2 }");
    server.loaded("bytes", OnnxModels.identity(DataType.UINT8, 1, 3, 2, 2));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void nothingIsLeft() {
    await().untilAsserted(() -> assertThat(server.pool.inUse()).isZero());
    await().untilAsserted(() -> assertThat(ServerFixture.json(server.get("/api/streams")).path("streams")).isEmpty());
  }

  private static NodeClient client() {
    return new NodeClient(URI.create("http://127.0.0.1:" + server.port()));
  }

  private FrameConnection open(OptionalInt window) throws InterruptedException {
    return client().stream("bytes", ANY, window, answers::add);
  }

  private static byte[] frame(int number) {
    byte[] bytes = new byte[12];
    for (int i = 0; i < 12; i++) bytes[i] = (byte) (number + i & 0x7f);
    return bytes;
  }

  @Test
  void everyFrameIsAnsweredOrToldOfAndAnswersAreItsOwn() throws Exception {
    JsonNode end;
    try (FrameConnection stream = open(OptionalInt.empty())) {
      for (int i = 0; i < 500; i++) stream.send(frame(i));
      end = stream.end(PATIENCE);
    }
    assertThat(end.path("frames").asInt()).isEqualTo(500);
    assertThat(end.path("failed").asInt()).isZero();
    assertThat(end.path("answered").asInt() + end.path("dropped").asInt()).isEqualTo(500);
    assertThat(answers).hasSize(end.path("answered").asInt()).isNotEmpty();
    assertThat(answers.stream().mapToLong(FrameAnswer::dropped).sum()).isEqualTo(end.path("dropped").asLong());
    for (FrameAnswer answer : answers)
      assertThat(answer.message().path("outputs").path(0).path("data").path(0).asInt()).isEqualTo((int) answer.frame() & 0x7f);
    assertThat(end.path("age_ms").path("most").asDouble()).isGreaterThanOrEqualTo(end.path("age_ms").path("median").asDouble()).isPositive();
  }

  @Test
  void aFrameThatIsWrongFailsAlone() throws Exception {
    JsonNode end;
    try (FrameConnection stream = open(OptionalInt.of(1))) {
      for (byte[] frame : List.of(frame(1), new byte[5], frame(2))) {
        int before = answers.size();
        stream.send(frame);
        await().until(() -> answers.size() > before);
      }
      end = stream.end(PATIENCE);
    }
    assertThat(answers).extracting(a -> a.error().isPresent()).containsExactly(false, true, false);
    assertThat(answers.get(1).message().path("status").asInt()).isEqualTo(400);
    assertThat(answers.get(1).error().orElse("")).startsWith("frame: 5 bytes (expected: UINT8 [1, 3, 2, 2]");
    assertThat(end.path("failed").asInt()).isEqualTo(1);
  }

  @Test
  void whatCannotBeMeantIsRefusedWithItsReason() throws Exception {
    assertThatThrownBy(() -> client().stream("nothing", ANY, OptionalInt.empty(), answers::add))
        .isInstanceOfSatisfying(NodeFailure.class, refusal -> assertThat(refusal.status()).isEqualTo(404));
    assertThatThrownBy(() -> open(OptionalInt.of(9)))
        .isInstanceOfSatisfying(NodeFailure.class, refusal -> assertThat(refusal.status()).isEqualTo(400));
    HttpResponse<byte[]> plain = server.get("/v2/models/bytes/stream");
    assertThat(plain.statusCode()).isEqualTo(426);
    assertThat(ServerFixture.json(plain).path("error").asText()).isEqualTo("/v2/models/bytes/stream (expected: a WebSocket handshake)");
    assertThat(server.post("/v2/models/bytes/stream", "{}").statusCode()).isEqualTo(405);
  }

  @Test
  void aFrameThatIsTooLargeEndsTheStreamWithItsReason() throws Exception {
    try (FrameConnection stream = open(OptionalInt.empty())) {
      assertThatThrownBy(() -> {
        stream.send(new byte[65 << 10]);
        stream.end(PATIENCE);
      }).isInstanceOf(NodeFailure.class).hasMessageContaining("65536");
    }
  }

  @Test
  void pagesOfOthersGetNoStreamAndOwnOnesDo() {
    assertThat(handshake("http://elsewhere.example")).isEqualTo(403);
    assertThat(handshake("http://127.0.0.1:" + server.port())).isEqualTo(101);
  }

  private static int handshake(String origin) {
    try {
      HttpClient.newHttpClient().newWebSocketBuilder().header("Origin", origin)
          .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/v2/models/bytes/stream"), new WebSocket.Listener() {}).join().abort();
      return 101;
    } catch (java.util.concurrent.CompletionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }

  @Test
  void moreStreamsThanAllowedAreToldToComeLater() throws Exception {
    try (FrameConnection one = open(OptionalInt.empty()); FrameConnection two = open(OptionalInt.empty())) {
      assertThatThrownBy(() -> open(OptionalInt.empty()))
          .isInstanceOfSatisfying(NodeFailure.class, refusal -> assertThat(refusal.status()).isEqualTo(429));
    }
  }

  @Test
  void answersComeAsBytesWhereTheyAreWanted() throws Exception {
    CompletableFuture<ByteBuffer> message = new CompletableFuture<>();
    URI address = URI.create("ws://127.0.0.1:" + server.port() + "/v2/models/bytes/stream?binary_data_output=true");
    WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, new WebSocket.Listener() {
      @Override
      public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        message.complete(ByteBuffer.allocate(data.remaining()).put(data).flip());
        return null;
      }
    }).join();
    socket.sendBinary(ByteBuffer.wrap(frame(7)), true).join();
    ByteBuffer answer = message.get(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS).order(ByteOrder.LITTLE_ENDIAN);
    byte[] head = new byte[answer.getInt()];
    answer.get(head);
    assertThat(ServerFixture.tree(head).path("outputs").path(0).path("parameters").path("binary_data_size").asInt()).isEqualTo(12);
    byte[] data = new byte[answer.remaining()];
    answer.get(data);
    assertThat(data).isEqualTo(frame(7));
    socket.abort();
  }
}
