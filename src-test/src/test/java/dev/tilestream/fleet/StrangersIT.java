package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tilestream.client.Credentials;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fleet with certificates: its members serve together, and whoever else wants in stays outside and is told why. */
class StrangersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String ADMIN = "admin-0123456789abcdef";
  private static final Pattern READY = Pattern.compile("ready: (https?://\\S+)");

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();
  private TestRepository repository;
  private Map<String, Value> inputs;
  private Map<String, Value> expected;
  private Certificates fleet;

  private record Started(Path log, int port) {
    String said() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean says(String text) {
      return said().contains(text);
    }
  }

  @BeforeEach
  void prepare() {
    assumeTrue(Certificates.possible(), "openssl is not on the path: no certificates can be made");
    fleet = new Certificates(directory.resolve("fleet")).make("robot-1=127.0.0.1", "edge-1=127.0.0.1").makeExpired("old", "127.0.0.1");
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 48, 32);
    String first = model.node("Relu", List.of(model.node("Conv", List.of("x", model.heWeights(8, 3, 3, 3)))));
    String second = model.node("Conv", List.of(first, model.heWeights(8, 8, 3, 3)));
    repository = new TestRepository(directory.resolve("models")).put("small", model.output(second, DataType.FLOAT32, 1, 8, 44, 28).toBytes());
    try (Oracle oracle = Oracle.of(repository.file("small"), 1)) {
      inputs = oracle.randomInputs(1);
      expected = oracle.run(inputs);
    }
  }

  @AfterEach
  void leaveNobody() throws InterruptedException {
    for (Process process : processes) process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private Started start(String name, int expect, int seed, String settings) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path log = directory.resolve(name + ".log");
    String cache = "\ntilestream.node.cache-directory = \"%s\"".formatted(directory.resolve("cache-" + name));
    Path config = Files.writeString(directory.resolve(name + ".conf"), settings + cache);
    ProcessBuilder builder = new ProcessBuilder(
        Path.of(System.getProperty("tilestream.home"), "tilestream").toString(), "node", "--role", name.startsWith("edge") ? "edge" : "robot",
        "--name", name, "--port", "" + port, "--seed", "127.0.0.1:" + (seed == 0 ? port : seed), "--expect", "" + expect, "--http-port", "0",
        "--metrics-port", "0", "--repository", repository.directory().toString(), "--config", config.toString(), "--with-parent")
        .redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    builder.environment().put("TILESTREAM_JAVA_OPTS", "-Djava.security.properties=" + restless());
    processes.add(builder.start());
    return new Started(log, port);
  }

  /** TLS changes its keys every 128 GiB, which takes a fleet hours; here every 16 KiB. */
  private Path restless() throws IOException {
    return Files.writeString(directory.resolve("java.security"), "jdk.tls.keyLimits=AES/GCM/NoPadding KeyUpdate 2^14\n");
  }

  private NodeClient client(Started node) {
    Matcher ready = READY.matcher(node.said());
    assertThat(ready.find()).as(node::said).isTrue();
    return new NodeClient(URI.create(ready.group(1)), new Credentials(Optional.of(fleet.authority()), Optional.of(ADMIN)));
  }

  private void answersWithBoth(NodeClient robot) throws InterruptedException {
    RemoteAnswer answer = robot.infer("small", Tensors.request(inputs), Optional.of("even"));
    assertThat(Tensors.deviation(expected, answer.outputs())).isLessThanOrEqualTo(1e-4);
    assertThat(answer.devices()).containsExactlyInAnyOrder("robot-1", "edge-1");
  }

  @Test
  void membersServeTogetherAndStrangersStayOutsideAndSayWhy() throws Exception {
    Certificates others = new Certificates(directory.resolve("others")).make("spy=127.0.0.1");
    String tokens = "tilestream.api.tokens.admin = [%s]\n".formatted(ADMIN);
    Started robot = start("robot-1", 2, 0, fleet.cluster("robot-1") + fleet.https("robot-1") + tokens);
    Started edge = start("edge-1", 2, robot.port(), fleet.cluster("edge-1"));
    await().atMost(PATIENCE).until(() -> robot.says(" ready: https://") && edge.says(" ready: http://"));
    NodeClient client = client(robot);
    client.load("small");
    await().atMost(PATIENCE).untilAsserted(() -> answersWithBoth(client));

    Started spy = start("spy", 2, robot.port(), others.cluster("spy", fleet.authority()));
    Started old = start("old", 2, robot.port(), fleet.cluster("old"));
    Started bare = start("bare", 2, robot.port(), "");
    await().atMost(PATIENCE).until(() -> spy.says("127.0.0.1:%d: it refuses this node's certificate: ".formatted(robot.port())));
    await().atMost(PATIENCE).until(() -> old.says("127.0.0.1:%d: it refuses this node's certificate: ".formatted(robot.port())));
    await().atMost(PATIENCE).until(() -> bare.says(
        "127.0.0.1:%d: it speaks TLS, and this node has no certificate (expected: tilestream.security.cluster)".formatted(robot.port())));
    assertThat(old.said()).contains("certificate of CN=old,O=Tilestream expired at");
    assertThat(robot.said())
        .containsPattern("refused a peer that calls itself CN=spy,O=Tilestream .*: the certificate is of none of the authorities here")
        .containsPattern("refused a peer that calls itself CN=old,O=Tilestream .*: the certificate is out of its time");

    assertThat(client.status().path("members").findValuesAsText("name")).containsExactlyInAnyOrder("robot-1", "edge-1");
    for (Started stranger : List.of(spy, old, bare)) assertThat(stranger.said()).doesNotContain(" ready: ", "neighbours: [robot-1", "(a bug)");
    for (int i = 0; i < 5; i++) answersWithBoth(client);
    assertThat(edge.said()).doesNotContain("spy", "bare");
  }
}
