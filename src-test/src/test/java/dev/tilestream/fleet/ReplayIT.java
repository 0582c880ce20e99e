package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.scheduler.logged.LoggedPower;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./tilestream replay}: a made-up robot of 120 ms, a server of 6 ms, an air with an outage, and two real processes. */
class ReplayIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int INFERENCES = 3;
  private static final double ROBOT_MS = 120;

  @TempDir private Path directory;

  private Path profile() throws Exception {
    ObjectNode document = JSON.createObjectNode()
        .put("model", "made-up").put("source", "test").put("robot_forward_ms", ROBOT_MS).put("server_forward_ms", ROBOT_MS / 20)
        .put("input_bytes", 3 * 64 * 64 * 4).put("output_bytes", 8 * 64 * 64 * 4);
    ArrayNode operators = document.putArray("ops");
    operator(operators, "_start", 3, 0);
    for (int i = 1; i <= 3; i++) {
      ObjectNode convolution = operator(operators, "conv2d", 8, ROBOT_MS / 3);
      for (String pair : List.of("kernel", "stride", "padding", "dilation")) {
        int value = pair.equals("kernel") ? 3 : 1;
        convolution.putArray(pair).add(value).add(value);
      }
    }
    operator(operators, "_end", 8, 0);
    Path file = directory.resolve("made-up@test.json");
    JSON.writeValue(file.toFile(), document);
    return file;
  }

  /** The next operator, reading the one before. */
  private static ObjectNode operator(ArrayNode operators, String op, int channels, double robotMs) {
    int id = operators.size();
    ObjectNode operator = operators.addObject().put("id", id).put("op", op).put("local", true).put("kind", "local").put("row_axis", 2)
        .put("robot_ms", robotMs).put("server_ms", robotMs / 20);
    operator.putArray("shapes").addArray().add(1).add(channels).add(64).add(64);
    ArrayNode inputs = operator.putArray("inputs");
    ArrayNode read = operator.putArray("data_inputs");
    if (id > 0) inputs.add(id - 1);
    if (id > 0) read.add(id - 1);
    return operator;
  }

  @Test
  @Timeout(300)
  void everyStrategyTakesWhatDevicesAndAirTake() throws Exception {
    Path trace = Files.writeString(directory.resolve("air.csv"), "t_s,mbit_s\n0,80\n0.3,0\n0.35,80\n0.7,40\n");
    Path calm = Files.writeString(directory.resolve("calm.csv"), "t_s,mbit_s\n0,80\n1,79\n2,80\n");
    Path out = directory.resolve("out");
    Process replay = new ProcessBuilder(
        Path.of(System.getProperty("tilestream.home"), "tilestream").toString(), "replay", "--profile", profile().toString(),
        "--trace", trace.toString(), "--trace", calm.toString(), "--delay", "2ms", "--at-once", "2", "--strategies",
        "local,offload", "--inferences", "" + INFERENCES, "--json", "--out", out.toString())
        .redirectError(directory.resolve("replay.err").toFile())
        .start();
    String printed = new String(replay.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(replay.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(replay.exitValue()).as(() -> errors()).isZero();
    Map<String, JsonNode> results = new HashMap<>();
    JSON.readTree(printed).forEach(r -> results.put(r.path("trace").asText() + " " + r.path("strategy").asText(), r));
    assertThat(results).containsOnlyKeys("air local", "air offload", "calm local", "calm offload");
    results.values().forEach(r -> assertThat(r.path("n").asInt()).isEqualTo(INFERENCES));
    JsonNode local = results.get("air local");
    assertThat(local.path("exact").asBoolean()).isTrue();
    assertThat(local.path("meanMs").asDouble()).as("nothing is quicker than its device").isGreaterThanOrEqualTo(ROBOT_MS);
    assertThat(local.path("bytes").asLong()).isZero();
    assertThat(local.path("joules").asDouble()).as("who computes all the time draws that much all the time")
        .isGreaterThan(0.9 * LoggedPower.COMPUTING_WATTS * local.path("meanMs").asDouble() / 1e3);
    JsonNode offload = results.get("air offload");
    assertThat(offload.path("bytes").asLong()).as("input and answer, once each").isEqualTo((3 + 8) * 64 * 64 * 4);
    assertThat(offload.path("meanMs").asDouble()).as("both delays, and what 80 Mbit/s take to carry the answer")
        .isGreaterThan(2 * 2 + 8 * 64 * 64 * 4 / 1e4);
    assertThat(offload.path("joules").asDouble()).as("waiting costs less than computing").isLessThan(local.path("joules").asDouble());
    assertThat(out.resolve("replay.csv")).content().startsWith("profile,trace,strategy").contains("made-up@test,air,offload");
    assertThat(out.resolve("replay.svg")).content().startsWith("<svg");
  }

  private String errors() {
    try {
      return Files.readString(directory.resolve("replay.err"));
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
