package dev.tilestream.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.security.Reasons;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/** One node, seen from outside. Blocking; safe to use from several threads. Every failure is a {@link NodeFailure}. */
public final class NodeClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration PROBE = Duration.ofSeconds(2);
  /** Loading plans and measures kernels; an inference has a deadline of its own at the node. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final URI node;
  private final Credentials credentials;
  private final HttpClient http;

  /** Of a node that asks for nothing. @param node e.g. {@code http://127.0.0.1:8000} */
  public NodeClient(URI node) {
    this(node, Credentials.NONE);
  }

  /** @param node e.g. {@code https://robot-1:8000} */
  public NodeClient(URI node, Credentials credentials) {
    if (node.getHost() == null || !("http".equals(node.getScheme()) || "https".equals(node.getScheme())))
      throw new IllegalArgumentException("url: %s (expected: e.g. http://127.0.0.1:8000)".formatted(node));
    this.node = node.resolve("/");
    this.credentials = credentials;
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    http = credentials.trust().map(builder::sslContext).orElse(builder).build();
  }

  /** Whether what is said goes over a network in clear. */
  public boolean canBeOverheard() {
    if (node.getScheme().equals("https")) return false;
    try {
      return !InetAddress.getByName(node.getHost()).isLoopbackAddress();
    } catch (UnknownHostException nobody) {
      return false;
    }
  }

  /** Whether it can serve now; false when there is nobody. */
  public boolean ready() throws InterruptedException {
    try {
      HttpRequest probe = HttpRequest.newBuilder(node.resolve("/v2/health/ready")).timeout(PROBE).build();
      return http.send(probe, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException nobodyYet) {
      return false;
    }
  }

  /** The model repository's index: an array of name, version, state, reason. */
  public JsonNode index() throws InterruptedException {
    return json(post("/v2/repository/index", BodyPublishers.ofString("{}"), "application/json").build());
  }

  /** Returns once the model can be used from this node. */
  public void load(String model) throws InterruptedException {
    send(post("/v2/repository/models/" + segment(model) + "/load", BodyPublishers.ofString("{}"), "application/json").build());
  }

  public void unload(String model) throws InterruptedException {
    send(post("/v2/repository/models/" + segment(model) + "/unload", BodyPublishers.ofString("{}"), "application/json").build());
  }

  /** The node, its members and models: {@code GET /api/status}. */
  public JsonNode status() throws InterruptedException {
    return json(to("/api/status").build());
  }

  /** Which plans the node has for the model: {@code GET /api/plans}. */
  public JsonNode plans(String model) throws InterruptedException {
    return json(to("/api/plans?model=" + segment(model)).build());
  }

  /** Whether the node has the plans for the model that it was asked for, for the rates of now. */
  public boolean settled(String model) throws InterruptedException {
    for (JsonNode goal : plans(model).path("goals")) if (!goal.path("settled").asBoolean()) return false;
    return true;
  }

  /**
   * One inference on tensors, with the binary extension both ways.
   *
   * @param strategy empty: the model's default
   */
  public RemoteAnswer infer(String model, List<TensorBytes> inputs, Optional<String> strategy) throws InterruptedException {
    return infer(model, inputs, Wanted.by(strategy));
  }

  /** The same, with more to say about how. */
  public RemoteAnswer infer(String model, List<TensorBytes> inputs, Wanted wanted) throws InterruptedException {
    BinaryTensors.Request request = BinaryTensors.request(inputs, wanted);
    HttpRequest.BodyPublisher body = BodyPublishers.ofByteArrays(request.parts());
    HttpResponse<byte[]> response = send(
        post("/v2/models/" + segment(model) + "/infer", body, "application/octet-stream")
            .header(BinaryTensors.HEADER_LENGTH, Integer.toString(request.headerLength()))
            .build());
    try {
      return BinaryTensors.answer(response.body(), response.headers().firstValue(BinaryTensors.HEADER_LENGTH));
    } catch (IOException | RuntimeException e) {
      throw new NodeFailure(response.statusCode(), "%s: an answer that cannot be read: %s".formatted(node, e.getMessage()), e);
    }
  }

  /**
   * One inference on a picture, prepared by the node as the model's settings say; outputs come as JSON.
   *
   * @param contentType image/jpeg or image/png
   */
  public JsonNode inferPicture(String model, byte[] picture, String contentType, Wanted wanted) throws InterruptedException {
    return json(post("/v2/models/" + segment(model) + "/infer" + wanted.query(), BodyPublishers.ofByteArray(picture), contentType).build());
  }

  /**
   * Opens a stream of frames.
   *
   * @param window frames that the node computes at a time; empty: as many as it finds worth it
   * @param listener gets the answers in the order in which they are done, one at a time, and must be quick
   */
  public FrameConnection stream(String model, Wanted wanted, OptionalInt window, Consumer<FrameAnswer> listener) throws InterruptedException {
    FrameConnection connection = new FrameConnection(listener);
    String query = wanted.query();
    String depth = window.isEmpty() ? "" : (query.isEmpty() ? "?" : "&") + "window=" + window.getAsInt();
    URI http = node.resolve("/v2/models/" + segment(model) + "/stream" + query + depth);
    URI address = URI.create(http.toString().replaceFirst("^http", "ws"));
    WebSocket.Builder builder = this.http.newWebSocketBuilder().connectTimeout(CONNECT);
    credentials.authorization().ifPresent(bearer -> builder.header("Authorization", bearer));
    try {
      return connection.over(builder.buildAsync(address, connection.receiver()).get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused)
        throw new NodeFailure(refused.getResponse().statusCode(), streamRefused(http, refused), e);
      throw new NodeFailure(0, "%s does not answer: %s".formatted(node, e.getCause()), e);
    }
  }

  /** A refused handshake carries no reason; the same question asked plainly does, where there is another one than that it is asked plainly. */
  private String streamRefused(URI http, WebSocketHandshakeException refused) throws InterruptedException {
    int status = refused.getResponse().statusCode();
    try {
      send(to(http.getRawPath() + (http.getRawQuery() == null ? "" : "?" + http.getRawQuery())).build());
    } catch (NodeFailure plainly) {
      if (plainly.status() == status) return plainly.getMessage();
    }
    return "%s answered %d to a stream's handshake".formatted(node, status);
  }

  private HttpRequest.Builder post(String path, HttpRequest.BodyPublisher body, String contentType) {
    return to(path).header("Content-Type", contentType).POST(body);
  }

  private HttpRequest.Builder to(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(node.resolve(path)).timeout(PATIENCE);
    credentials.authorization().ifPresent(bearer -> request.header("Authorization", bearer));
    return request;
  }

  private JsonNode json(HttpRequest request) throws InterruptedException {
    HttpResponse<byte[]> response = send(request);
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new NodeFailure(response.statusCode(), "%s: an answer that is not JSON: %s".formatted(request.uri(), e.getMessage()), e);
    }
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws InterruptedException {
    HttpResponse<byte[]> response;
    try {
      response = http.send(request, BodyHandlers.ofByteArray());
    } catch (SSLException e) {
      throw new NodeFailure(0, "%s cannot be spoken to safely: %s (expected: a certificate for that host by %s)"
          .formatted(node, Reasons.of(e), credentials.trusted()), e);
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new NodeFailure(0, "%s does not answer: %s".formatted(node, why), e);
    }
    if (response.statusCode() / 100 != 2) throw new NodeFailure(response.statusCode(), refusal(response), null);
    return response;
  }

  private String refusal(HttpResponse<byte[]> response) {
    String text = new String(response.body(), StandardCharsets.UTF_8);
    try {
      text = JSON.readTree(text).path("error").asText(text);
    } catch (JsonProcessingException plain) {
      text = text.strip();
    }
    return "%s answered %d: %s".formatted(node, response.statusCode(), text);
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
