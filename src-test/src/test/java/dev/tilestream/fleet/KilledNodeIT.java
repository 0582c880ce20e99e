package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are killed without a word: what the others answer meanwhile. */
class KilledNodeIT {
  private static final List<String> STRATEGIES = List.of("local", "offload", "layer", "energy", "even", "hybrid");
  private static final double TOLERANCE = 1e-4;
  /** Well below the failure detector's; a busy machine may be late. */
  private static final Duration NOTICED = Duration.ofSeconds(8);

  /** The shipped settings with shorter times. */
  private static final String IMPATIENT =
      "-Dakka.cluster.failure-detector.acceptable-heartbeat-pause=4s -Dtilestream.membership.give-up-after=3s";

  @TempDir Path directory;
  private TestRepository repository;
  private Map<String, Value> inputs;
  private Map<String, Value> expected;

  @BeforeEach
  void prepare() {
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 48, 32);
    String first = model.node("Relu", List.of(model.node("Conv", List.of("x", model.heWeights(8, 3, 3, 3)))));
    String second = model.node("Conv", List.of(first, model.heWeights(8, 8, 3, 3)));
    repository = new TestRepository(directory.resolve("models")).put("small", model.output(second, DataType.FLOAT32, 1, 8, 44, 28).toBytes());
    try (Oracle oracle = Oracle.of(repository.file("small"), 1)) {
      inputs = oracle.randomInputs(1);
      expected = oracle.run(inputs);
    }
  }

  private RemoteAnswer infer(TestFleet.Node node, String strategy) throws InterruptedException {
    RemoteAnswer answer = node.client().infer("small", Tensors.request(inputs), Optional.of(strategy));
    assertThat(Tensors.deviation(expected, answer.outputs())).as(strategy).isLessThanOrEqualTo(TOLERANCE);
    return answer;
  }

  @Test
  void aKilledPeerFailsNoRequestAndIsSoonAvoided() throws Exception {
    try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), directory)) {
      TestFleet.Node robot = fleet.node(0);
      for (String strategy : STRATEGIES) infer(robot, strategy);
      await().atMost(Duration.ofSeconds(30)).until(() -> infer(robot, "even").devices().contains("edge-1"));
      ProcessHandle.of(fleet.node(2).pid()).orElseThrow().destroyForcibly();
      long killed = System.nanoTime();
      long avoided = 0;
      while (System.nanoTime() - killed < NOTICED.toNanos())
        for (String strategy : STRATEGIES) {
          long asked = System.nanoTime();
          RemoteAnswer answer = infer(robot, strategy);
          if (strategy.equals("even") && answer.devices().contains("edge-1")) avoided = System.nanoTime();
          assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
        }
      assertThat(Duration.ofNanos(Math.max(0, avoided - killed))).isLessThan(NOTICED.dividedBy(2));
      assertThat(infer(robot, "even").devices()).doesNotContain("edge-1");
    }
  }

  /** Of two, a majority would be the one with the lowest address; here that one dies. */
  @Test
  void theLastOfTwoServesOnWhoeverDied() throws Exception {
    try (TestFleet fleet = TestFleet.start(IMPATIENT, 1, 1, repository.directory(), directory)) {
      List<TestFleet.Node> byPort = fleet.nodes().stream().sorted(Comparator.comparing(KilledNodeIT::port)).toList();
      TestFleet.Node survivor = byPort.get(1);
      infer(survivor, "even");
      ProcessHandle.of(byPort.get(0).pid()).orElseThrow().destroyForcibly();
      await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200)).until(() -> {
        infer(survivor, "even");
        assertThat(new NodeClient(survivor.http()).ready()).isTrue();
        return Files.readString(survivor.log()).contains("this side serves on without it");
      });
      for (String strategy : STRATEGIES) infer(survivor, strategy);
      assertThat(survivor.log()).content().doesNotContain("serves again");
    }
  }

  /** The one of the cluster, as the command line has it. */
  private static int port(TestFleet.Node node) {
    try {
      String[] words = Files.readString(Path.of("/proc/" + node.pid() + "/cmdline"), StandardCharsets.UTF_8).split("\0");
      return Integer.parseInt(words[List.of(words).indexOf("--port") + 1]);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
