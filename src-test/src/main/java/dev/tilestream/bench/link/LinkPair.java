package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two {@link LinkEnd}s as processes at the ends of a line, members of one cluster. The near one sends. {@link #close} ends both. */
final class LinkPair implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long STOP_SECONDS = 20;

  /** One of them. */
  private record End(Process process, Writer orders, BufferedReader answers, Path log) {
    JsonNode ask(String order) throws IOException {
      orders.write(order + "\n");
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) throw new IOException("%s: no answer; %s".formatted(order, tail(log)));
      return JSON.readTree(answer);
    }

    private static String tail(Path log) throws IOException {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }
  }

  private final End near;
  private final End far;
  private final String farAddress;

  private LinkPair(End near, End far) throws IOException {
    this.near = near;
    this.far = far;
    String seed = near.ask("address").path("address").asText();
    farAddress = far.ask("address").path("address").asText();
    near.ask("join %s -".formatted(seed));
    far.ask("join %s %s".formatted(seed, seed));
    near.ask("join %s %s".formatted(seed, farAddress));
  }

  /**
   * @param more settings of both
   * @param logs where what they write to standard error goes
   */
  static LinkPair start(Line line, String more, Path logs) throws IOException {
    End near = end(line, 0, more, logs);
    End far = null;
    try {
      far = end(line, 1, more, logs);
      return new LinkPair(near, far);
    } catch (IOException | RuntimeException e) {
      stop(near);
      if (far != null) stop(far);
      throw e;
    }
  }

  private static End end(Line line, int end, String more, Path logs) throws IOException {
    String name = end == 0 ? "near" : "far";
    String settings = String.join("\n", line.settings(), more, "akka.loglevel = WARNING",
        "akka.remote.artery.canonical { hostname = \"%s\", port = 0 }".formatted(line.host(end)),
        "akka.cluster.failure-detector.implementation-class = \"%s\"".formatted(HeartbeatWatch.class.getName()),
        "akka.cluster.roles = [\"%s\"]".formatted(name), "tilestream.kernel.backend = onnxruntime");
    List<String> java = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xms64m", "-Xmx512m",
        "-XX:MaxDirectMemorySize=1g", "-cp", System.getProperty("java.class.path"), LinkEnd.class.getName(), name, settings));
    Path log = Files.createTempFile(logs, name + "-", ".log");
    Process process = new ProcessBuilder(line.at(end, java)).redirectError(log.toFile()).start();
    return new End(process, process.outputWriter(StandardCharsets.UTF_8), process.inputReader(StandardCharsets.UTF_8), log);
  }

  /** What the near end answers. */
  JsonNode ask(String order) throws IOException {
    return near.ask(order);
  }

  /** Where the far end is reached. */
  String farAddress() {
    return farAddress;
  }

  /** What the near end sees beside a plain TCP stream to {@code host}, and what of that comes to the far end. */
  JsonNode plain(String host, double seconds) throws IOException {
    int port = far.ask("accept").path("port").asInt();
    ObjectNode seen = (ObjectNode) near.ask("plain %s %s %d %s".formatted(farAddress, host, port, seconds));
    return seen.setAll((ObjectNode) far.ask("accepted"));
  }

  private static void stop(End end) {
    try {
      end.orders().close();
      if (!end.process().waitFor(STOP_SECONDS, TimeUnit.SECONDS)) end.process().destroyForcibly();
    } catch (IOException e) {
      end.process().destroyForcibly();
    } catch (InterruptedException e) {
      end.process().destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop(near);
    stop(far);
  }
}
