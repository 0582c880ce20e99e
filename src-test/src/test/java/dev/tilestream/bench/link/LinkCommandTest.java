package dev.tilestream.bench.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LinkCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new LinkCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
  }

  @Test
  void measuresTwoProcessesOverAnEmulatedAir() throws Exception {
    assertThat(run("--rates", "20mbit", "--line", "emulated", "--seconds", "1", "--json")).as(err.toString()).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toString()).path("results").path(0);
    assertThat(result.path("line").asText()).startsWith("emulated");
    // Never more than the air; a busy machine may be late.
    assertThat(result.path("share").asDouble()).isBetween(0.1, 1.1);
    assertThat(result.path("stream").path("heartbeatPause").asDouble()).isPositive();
  }

  @Test
  void saysWhatIsWrongWithItsOptions() {
    assertThat(run("--seconds", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--seconds 0.0", "above 0");
  }

  @Test
  void packingIsJudgedAgainstNoPacking() throws Exception {
    PackingResult result = new PackingResult("93mbit", "noise", 512, 0.051, 0.050);
    assertThat(PackingResult.table(List.of(result))).contains("1.020");
    JsonNode json = new ObjectMapper().readTree(PackingResult.json(List.of(result)));
    assertThat(json.path("results").path(0).path("ratio").asDouble()).isEqualTo(0.051 / 0.050);
  }
}
