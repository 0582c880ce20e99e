package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes, goes, stands still and comes back, as processes, while all are asked. */
class MembershipIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  /** For a member that is ready to be used by the others: 10 s are promised, on a machine of its own. */
  private static final Duration JOINING = Duration.ofSeconds(20);
  /** Below the 32 s after which a member is given up. */
  private static final Duration STILL_LISTED = Duration.ofSeconds(30);
  private static final List<String> MIXED = List.of("even", "hybrid", "offload", "local");
  /** The shipped settings with shorter times. */
  private static final String IMPATIENT = String.join(" ",
      "-Dakka.cluster.failure-detector.acceptable-heartbeat-pause=2s", "-Dakka.remote.artery.advanced.remove-quarantined-association-after=1s",
      "-Dtilestream.membership.give-up-after=1500ms", "-Dtilestream.membership.look-every=3s");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private TestRepository repository;
  private SteadyLoad.Questions questions;

  @BeforeEach
  void prepare() {
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 48, 32);
    String first = model.node("Relu", List.of(model.node("Conv", List.of("x", model.heWeights(8, 3, 3, 3)))));
    String second = model.node("Conv", List.of(first, model.heWeights(8, 8, 3, 3)));
    repository = new TestRepository(directory.resolve("models")).put("small", model.output(second, DataType.FLOAT32, 1, 8, 44, 28).toBytes());
    try (Oracle oracle = Oracle.of(repository.file("small"), 1)) {
      Map<String, Value> inputs = oracle.randomInputs(1);
      questions = new SteadyLoad.Questions("small", inputs, oracle.run(inputs), MIXED);
    }
  }

  private List<String> devices(TestFleet.Node node) throws InterruptedException {
    return node.client().infer("small", Tensors.request(questions.inputs()), Optional.of("even")).devices();
  }

  private void awaitAllUsedBy(TestFleet.Node node) {
    long since = System.nanoTime();
    await().atMost(JOINING).ignoreExceptions().until(() -> devices(node).size() == 3);
    System.out.printf("%s uses all after %.1f s%n", node.name(), (System.nanoTime() - since) / 1e9);
  }

  private static SteadyLoad load(TestFleet.Node node, SteadyLoad.Questions questions) {
    return SteadyLoad.on(node.name(), node.client(), questions);
  }

  private JsonNode status(TestFleet.Node node) throws IOException, InterruptedException {
    HttpRequest ask = HttpRequest.newBuilder(node.http().resolve("/api/status")).timeout(Duration.ofSeconds(5)).build();
    return new ObjectMapper().readTree(http.send(ask, BodyHandlers.ofString()).body());
  }

  /** Names of the members in a cluster, as one of them sees it, with their states. */
  private List<String> cluster(TestFleet.Node node) throws IOException, InterruptedException {
    List<String> members = new ArrayList<>();
    status(node).path("members").forEach(m -> members.add(m.path("name").asText() + " " + m.path("state").asText()));
    return members;
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start().waitFor()).isZero();
  }

  private static void lostNothing(SteadyLoad... loads) throws InterruptedException {
    for (SteadyLoad load : loads) {
      load.close();
      System.out.println(load);
      assertThat(load.wrong()).isEmpty();
      assertThat(load.refused()).as(load.toString()).isZero();
    }
  }

  @Test
  void aKilledMemberComesBackAtItsAddressWhileItsOldSelfIsStillListed() throws Exception {
    try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), directory, "--restart")) {
      TestFleet.Node edge = fleet.node(2);
      for (TestFleet.Node node : fleet.nodes()) awaitAllUsedBy(node);
      SteadyLoad first = load(fleet.node(0), questions);
      SteadyLoad second = load(fleet.node(1), questions);
      signal("KILL", edge.pid());
      long killed = System.nanoTime();
      await().atMost(PATIENCE).until(() -> !edge.client().ready());
      await().atMost(PATIENCE).until(() -> edge.client().ready());
      assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(STILL_LISTED);
      awaitAllUsedBy(fleet.node(0));
      assertThat(cluster(fleet.node(0))).containsExactlyInAnyOrder("robot-1 up", "robot-2 up", "edge-1 up");
      lostNothing(first, second);
    }
  }

  @Test
  void aMemberThatStandsStillForFiveSecondsStaysOne() throws Exception {
    try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), directory)) {
      TestFleet.Node edge = fleet.node(2);
      for (TestFleet.Node node : fleet.nodes()) awaitAllUsedBy(node);
      SteadyLoad load = load(fleet.node(0), questions);
      signal("STOP", edge.pid());
      long stopped = System.nanoTime();
      await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(8)).untilAsserted(
          () -> assertThat(cluster(fleet.node(0))).containsExactlyInAnyOrder("robot-1 up", "robot-2 up", "edge-1 up"));
      signal("CONT", edge.pid());
      System.out.printf("stood still for %.1f s%n", (System.nanoTime() - stopped) / 1e9);
      awaitAllUsedBy(fleet.node(0));
      assertThat(cluster(fleet.node(0))).containsExactlyInAnyOrder("robot-1 up", "robot-2 up", "edge-1 up");
      lostNothing(load);
      assertThat(edge.log()).content().doesNotContain("serves again");
    }
  }

  @Test
  void aMemberThatStoodStillUntilItWasGivenUpJoinsAsNew() throws Exception {
    try (TestFleet fleet = TestFleet.start(IMPATIENT, 2, 1, repository.directory(), directory)) {
      TestFleet.Node edge = fleet.node(2);
      for (TestFleet.Node node : fleet.nodes()) awaitAllUsedBy(node);
      SteadyLoad first = load(fleet.node(0), questions);
      SteadyLoad second = load(fleet.node(1), questions);
      signal("STOP", edge.pid());
      await().atMost(PATIENCE).until(() -> cluster(fleet.node(0)).size() == 2);
      SteadyLoad own = load(edge, questions);
      signal("CONT", edge.pid());
      await().atMost(PATIENCE).untilAsserted(
          () -> assertThat(cluster(fleet.node(0))).containsExactlyInAnyOrder("robot-1 up", "robot-2 up", "edge-1 up"));
      awaitAllUsedBy(fleet.node(0));
      lostNothing(first, second, own);
      assertThat(edge.log()).content().contains("joining it as new").contains("serves again");
      for (int robot = 0; robot < 2; robot++) assertThat(fleet.node(robot).log()).content().doesNotContain("serves again");
    }
  }

  @Test
  void everyMemberIsRestartedInTurnAndTheOthersLoseNothing() throws Exception {
    try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), directory, "--restart")) {
      for (TestFleet.Node node : fleet.nodes()) awaitAllUsedBy(node);
      for (TestFleet.Node leaver : fleet.nodes()) {
        List<TestFleet.Node> others = fleet.nodes().stream().filter(node -> node != leaver).toList();
        SteadyLoad first = load(others.get(0), questions);
        SteadyLoad second = load(others.get(1), questions);
        SteadyLoad own = load(leaver, questions);
        signal("TERM", leaver.pid());
        await().atMost(PATIENCE).until(() -> !leaver.client().ready());
        await().atMost(PATIENCE).until(() -> leaver.client().ready());
        awaitAllUsedBy(others.get(0));
        lostNothing(first, second);
        own.close();
        assertThat(own.wrong()).as("its own requests are answered, or refused for now").isEmpty();
        assertThat(others.get(0).log()).content().contains(leaver.name() + " leaves");
      }
    }
  }
}
