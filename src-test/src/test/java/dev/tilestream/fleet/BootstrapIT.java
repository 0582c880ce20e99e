package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.client.NodeClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members without seeds, that find each other as on Kubernetes: by Akka Management, here with the addresses in their configuration. */
class BootstrapIT {
  private static final Duration FORMING = Duration.ofSeconds(60);

  @TempDir Path directory;
  private final List<Process> nodes = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    nodes.forEach(Process::destroyForcibly);
  }

  /** HTTP, management and members' ports of three nodes. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) sockets.add(new ServerSocket(0));
    List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
    for (ServerSocket socket : sockets) socket.close();
    return ports;
  }

  private void start(String name, int member, int httpPort, int managementPort, List<Integer> all) throws IOException {
    String points = all.stream().map(port -> "{host = \"127.0.0.1\", port = %d}".formatted(port)).collect(Collectors.joining(", "));
    Path config = Files.writeString(directory.resolve(name + ".conf"), """
        tilestream.management { http = on, bootstrap = on }
        akka.management.http { hostname = "127.0.0.1", port = %d }
        akka.discovery { method = config, config.services.tilestream.endpoints = [%s] }
        akka.management.cluster.bootstrap.contact-point.filter-on-fallback-port = false
        akka.management.cluster.bootstrap.contact-point-discovery {
          service-name = tilestream, discovery-method = config, required-contact-point-nr = 3
        }
        """.formatted(managementPort, points));
    ProcessBuilder builder = new ProcessBuilder(
        Path.of(System.getProperty("tilestream.home"), "tilestream").toString(), "node", "--role", "edge", "--name", name, "--port", "" + member,
        "--http-port", "" + httpPort, "--metrics-port", "0", "--expect", "3", "--repository", directory.resolve("models").toString(),
        "--config", config.toString());
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    nodes.add(builder.redirectErrorStream(true).redirectOutput(directory.resolve(name + ".log").toFile()).start());
  }

  private int probe(int port, String path) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/%s".formatted(port, path))).timeout(Duration.ofSeconds(2)).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static long members(int httpPort) throws InterruptedException {
    JsonNode status = new NodeClient(URI.create("http://127.0.0.1:" + httpPort)).status();
    return StreamSupport.stream(status.path("members").spliterator(), false).filter(m -> m.path("state").asText().equals("up")).count();
  }

  @Test
  void threeFindEachOtherAndAnswerTheProbes() throws Exception {
    List<Integer> ports = freePorts(9);
    List<Integer> management = ports.subList(3, 6);
    for (int i = 0; i < 3; i++) start("edge-" + i, ports.get(6 + i), ports.get(i), management.get(i), management);
    await().atMost(FORMING).pollInterval(Duration.ofMillis(500)).until(() -> management.stream().allMatch(port -> probe(port, "ready") == 200));
    for (int i = 0; i < 3; i++) {
      assertThat(probe(management.get(i), "alive")).isEqualTo(200);
      assertThat(members(ports.get(i))).as("members at edge-%d", i).isEqualTo(3);
    }
    nodes.get(0).destroy();
    assertThat(nodes.get(0).waitFor(20, java.util.concurrent.TimeUnit.SECONDS)).as("it leaves when it is told to stop").isTrue();
    await().atMost(FORMING).ignoreExceptions().until(() -> members(ports.get(1)) == 2);
    assertThat(probe(management.get(1), "ready")).isEqualTo(200);
  }
}
