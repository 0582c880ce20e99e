package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.client.NodeClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./tilestream fleet}: who is started, who stays, and that nobody is left behind. */
class FleetIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir private Path directory;
  private Process fleet;
  private List<JsonNode> nodes = List.of();

  /** Returns once every node is ready. */
  private void start(int robots, int edges, String... more) throws IOException {
    Path launcher = Path.of(System.getProperty("tilestream.home"), "tilestream");
    List<String> command = new ArrayList<>(List.of(
        launcher.toString(), "fleet", "--robots", "" + robots, "--edges", "" + edges, "--http-port", "0", "--metrics-port", "0",
        "--repository", Files.createDirectories(directory.resolve("with a blank")).toString(),
        "--logs", directory.resolve("logs").toString(), "--json"));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectError(directory.resolve("fleet.err").toFile());
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    fleet = builder.start();
    BufferedReader out = fleet.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    assertThat(line).as(() -> errors()).isNotNull();
    nodes = new ArrayList<>();
    new ObjectMapper().readTree(line).path("nodes").forEach(nodes::add);
  }

  private String errors() {
    try {
      return Files.readString(directory.resolve("fleet.err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private ProcessHandle process(int node) {
    return ProcessHandle.of(nodes.get(node).path("pid").asLong()).orElseThrow();
  }

  private boolean ready(int node) throws InterruptedException {
    return new NodeClient(URI.create(nodes.get(node).path("http").asText())).ready();
  }

  private boolean anyAlive() {
    return nodes.stream().anyMatch(n -> ProcessHandle.of(n.path("pid").asLong()).filter(ProcessHandle::isAlive).isPresent());
  }

  @AfterEach
  void leaveNobody() throws InterruptedException {
    if (fleet != null && !fleet.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
      throw new IllegalStateException("fleet lives on");
    nodes.forEach(n -> ProcessHandle.of(n.path("pid").asLong()).ifPresent(ProcessHandle::destroyForcibly));
  }

  @Test
  void everyNodeIsAProcessThatSaysWhoItIs() throws Exception {
    start(2, 1);
    assertThat(nodes).extracting(n -> n.path("name").asText()).containsExactly("robot-1", "robot-2", "edge-1");
    assertThat(commandLine(process(0).pid())).contains("node --role robot --name robot-1 ");
    assertThat(commandLine(process(2).pid())).contains("node --role edge --name edge-1 ");
    // The fleet may see it before the node itself says so.
    await().atMost(PATIENCE).untilAsserted(
        () -> assertThat(directory.resolve("logs/edge-1.log")).content().contains("node edge-1 ready: http://127.0.0.1:"));
    fleet.destroy();
    await().atMost(PATIENCE).until(() -> !anyAlive() && !fleet.isAlive());
  }

  @Test
  void noNodeOutlivesAParentThatWasKilled() throws Exception {
    start(1, 1);
    fleet.destroyForcibly();
    await().atMost(PATIENCE).until(() -> !anyAlive());
  }

  @Test
  void aNodeThatDiesStaysDeadAndTheOthersServeOn() throws Exception {
    start(1, 1);
    process(1).destroyForcibly();
    await().atMost(PATIENCE).until(() -> errors().contains("edge-1 died"));
    assertThat(ready(0)).isTrue();
    assertThat(ready(1)).isFalse();
    assertThat(fleet.isAlive()).isTrue();
  }

  @Test
  void aNodeThatDiesIsStartedAgainWhenAskedFor() throws Exception {
    start(1, 1, "--restart");
    process(1).destroyForcibly();
    await().atMost(PATIENCE).until(() -> errors().contains("starting it again"));
    await().atMost(PATIENCE).until(() -> ready(1));
    fleet.destroy();
    await().atMost(PATIENCE).until(() -> !fleet.isAlive());
    await().atMost(PATIENCE).until(() -> !ready(1));
  }

  private static String commandLine(long pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8).replace('\0', ' ');
  }
}
