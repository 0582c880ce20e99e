package dev.tilestream.api;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.repository.ModelRepository;
import dev.tilestream.tensor.BufferPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A server on a free port over a repository in a temporary directory, with ONNX Runtime behind it. */
final class ServerFixture implements AutoCloseable, NodeView {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  final BufferPool pool;
  final Path models;
  private final String host;
  private final ActorTestKit kit;
  private final WholeModelService service;
  private final ApiServer server;
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  volatile boolean up = true;

  /** At loopback. @param settings HOCON that goes before the defaults */
  ServerFixture(Path directory, long poolBytes, String settings) throws IOException {
    this(directory, poolBytes, settings, "127.0.0.1");
  }

  /** @param host to bind */
  ServerFixture(Path directory, long poolBytes, String settings, String host) throws IOException {
    this.host = host;
    Config config = ConfigFactory.parseString(settings + "\nakka.loglevel = WARNING\nakka.http.server.preview.enable-http2 = off")
        .withFallback(ConfigFactory.load());
    pool = BufferPool.bounded(poolBytes, 0);
    models = Files.createDirectories(directory);
    kit = ActorTestKit.create("api", config);
    service = new WholeModelService(new ModelRepository(models), pool);
    server = another(0);
  }

  /** One more server with the same behind it. */
  ApiServer another(int port) {
    ApiBackend backend = new ApiBackend(service, service, service::config, this, pool);
    return ApiServer.start(kit.system(), settings().at(host, port), backend).toCompletableFuture().join();
  }

  ApiSettings settings() {
    return ApiSettings.from(kit.system().settings().config()).at(host, 0);
  }

  void model(String name, String version, byte[] onnx) throws IOException {
    Path directory = Files.createDirectories(models.resolve(name).resolve(version));
    Files.write(directory.resolve("model.onnx"), onnx);
  }

  void remove(String name, String version) throws IOException {
    Files.delete(models.resolve(name).resolve(version).resolve("model.onnx"));
  }

  void config(String name, String version, String json) throws IOException {
    Files.writeString(models.resolve(name).resolve(version).resolve("config.json"), json);
  }

  void loaded(String name, byte[] onnx) throws IOException {
    model(name, "1", onnx);
    service.load(name, Optional.empty()).toCompletableFuture().join();
  }

  int port() {
    return server.address().getPort();
  }

  ApiServer server() {
    return server;
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path)).timeout(Duration.ofSeconds(30));
  }

  HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<byte[]> get(String path) {
    return send(to(path).GET().build());
  }

  HttpResponse<byte[]> post(String path, String json) {
    return send(to(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)).build());
  }

  static JsonNode json(HttpResponse<byte[]> response) {
    return tree(response.body());
  }

  static JsonNode tree(byte[] json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(new String(json), e);
    }
  }

  @Override
  public String name() {
    return "robot-<1>";
  }

  @Override
  public String role() {
    return "robot";
  }

  @Override
  public boolean ready() {
    return up;
  }

  @Override
  public List<Member> members() {
    return List.of(new Member(name(), role(), "127.0.0.1:2551", "up"));
  }

  @Override
  public void close() {
    server.stop().toCompletableFuture().join();
    kit.shutdownTestKit();
    service.close();
    pool.close();
  }
}
