package dev.tilestream.cli.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.cli.Tilestream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir private Path data;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void measurements() throws IOException {
    TinyProfile.measurements(data);
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("simulate", "--data", data.toString()));
    all.addAll(List.of(arguments));
    return Tilestream.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all.toArray(String[]::new));
  }

  private Map<String, JsonNode> rows() throws IOException {
    Map<String, JsonNode> rows = new HashMap<>();
    for (JsonNode row : MAPPER.readTree(out.toString())) rows.put(row.get("strategy").asText(), row);
    return rows;
  }

  @Test
  void everyStrategyAndVariantIsARowOfTheJsonThatReplayPrints() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "40mbit", "--json")).isZero();
    Map<String, JsonNode> rows = rows();
    assertThat(rows).containsOnlyKeys(
        "local", "offload", "layer", "energy", "even", "published", "hybrid", "hybrid uint8", "hybrid truncated");
    List<String> keys = new ArrayList<>();
    rows.get("hybrid").fieldNames().forEachRemaining(keys::add);
    assertThat(keys).containsExactly("profile", "trace", "strategy", "exact", "meanMs", "medianMs", "p95Ms", "joules", "bytes", "n");
    assertThat(rows.get("hybrid").get("profile").asText()).isEqualTo("Tiny_Net@lopinfer");
    assertThat(rows.get("hybrid").get("trace").asText()).isEqualTo("40mbit");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aConstantRateGivesWhatArithmeticGives() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "40mbit", "--delay", "2ms", "--json")).isZero();
    Map<String, JsonNode> rows = rows();
    assertThat(rows.get("local").get("meanMs").asDouble()).isCloseTo(31, within(0.1));
    assertThat(rows.get("local").get("bytes").asLong()).isZero();
    double air = 3 * 64 * 64 * 4 * 8 / 40e3;
    assertThat(rows.get("offload").get("meanMs").asDouble()).isBetween(air + 4 + 0.1, air + 4 + 1.6 + 1);
    assertThat(rows.get("offload").get("bytes").asLong()).isEqualTo(3 * 64 * 64 * 4 + 40);
    for (String other : new String[] {"local", "offload", "layer", "energy", "even"})
      assertThat(rows.get("hybrid").get("meanMs").asDouble()).as(other)
          .isLessThanOrEqualTo(rows.get(other).get("meanMs").asDouble() * 1.031);
    assertThat(rows.get("hybrid uint8").get("bytes").asLong()).isLessThan(rows.get("offload").get("bytes").asLong());
    assertThat(rows.get("hybrid").get("exact").asBoolean()).isTrue();
  }

  @Test
  void onATraceEachInferenceMeetsTheRateOfItsTime() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--trace", "indoors", "--strategies", "offload,local", "--json")).isZero();
    JsonNode offload = rows().get("offload");
    assertThat(offload.get("p95Ms").asDouble()).isGreaterThan(2 * offload.get("medianMs").asDouble());
    // A second at 80 Mbit/s, two at 8, two at 40: about 6, 50 and 11 ms each.
    assertThat(offload.get("n").asInt()).isBetween(250, 500);
    assertThat(rows().get("local").get("n").asInt()).isBetween(159, 162);
  }

  @Test
  void soManyInferencesCountAsWereAskedFor() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--trace", "indoors", "--strategies", "offload", "--inferences", "7", "--json")).isZero();
    assertThat(rows().get("offload").get("n").asInt()).isEqualTo(7);
  }

  @Test
  void calibrationSlowsTheAirAndAddsToRoundTrips() throws IOException {
    String[] plain = {"--profile", "tiny@lopinfer", "--trace", "indoors", "--strategies", "offload", "--json"};
    assertThat(run(plain)).isZero();
    double before = rows().get("offload").get("meanMs").asDouble();
    out.getBuffer().setLength(0);
    List<String> calibrated = new ArrayList<>(List.of(plain));
    calibrated.add("--calibrated");
    assertThat(run(calibrated.toArray(String[]::new))).isZero();
    assertThat(rows().get("offload").get("meanMs").asDouble()).isGreaterThan(before + 11);
  }

  @Test
  void theSameQuestionHasTheSameAnswer() throws IOException {
    String[] question = {"--profile", "tiny@lopinfer", "--trace", "indoors", "--strategies", "hybrid,layer", "--json"};
    assertThat(run(question)).isZero();
    String first = out.toString();
    out.getBuffer().setLength(0);
    assertThat(run(question)).isZero();
    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void theTableShowsTheAuthorsFiguresBesideOurs() {
    assertThat(run("--profile", "tiny@lopinfer", "--trace", "indoors", "--strategies", "local,published")).isZero();
    assertThat(out.toString().lines().filter(l -> l.contains("published")).findFirst().orElseThrow()).contains("9.0", "0.080");
    assertThat(out.toString().lines().findFirst().orElseThrow()).contains("authors' ms");
  }

  @Test
  void inBytesEveryRowSendsLess() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "40mbit", "--strategies", "offload", "--uint8", "--json")).isZero();
    assertThat(rows().get("offload").get("bytes").asLong()).isEqualTo(3 * 64 * 64 + 40);
  }

  @Test
  void anObjectiveChangesWhatIsPlanned() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "40mbit", "--strategies", "hybrid", "--objective", "energy:1s", "--json"))
        .isZero();
    double frugal = rows().get("hybrid").get("joules").asDouble();
    out.getBuffer().setLength(0);
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "40mbit", "--strategies", "hybrid", "--json")).isZero();
    assertThat(frugal).isLessThanOrEqualTo(rows().get("hybrid").get("joules").asDouble() + 1e-3);
  }

  @Test
  void helpersMakeNothingSlower() throws IOException {
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "8mbit", "--strategies", "hybrid", "--devices", "4", "--json")).isZero();
    assertThat(rows().get("hybrid").get("meanMs").asDouble()).isLessThanOrEqualTo(31.1);
    assertThat(run("--profile", "tiny@lopinfer", "--rate", "8mbit", "--devices", "201")).isEqualTo(2);
  }

  @Test
  void allLeavesOutWhatDoesNotFitAndWritesTableAndPlot(@TempDir Path written) throws IOException {
    assertThat(run("--all", "--rate", "40mbit", "--strategies", "local,offload", "--out", written.toString())).isZero();
    assertThat(err.toString()).contains("left out: plain@hp");
    assertThat(Files.readAllLines(written.resolve("simulate.csv"))).hasSize(3).first().asString().startsWith("profile,trace,strategy");
    assertThat(Files.readString(written.resolve("simulate.svg"))).startsWith("<svg").contains("Tiny_Net@lopinfer");
  }

  @Test
  void aProfileWithoutGeometryEndsWithOneAndSaysWhy() {
    assertThat(run("--profile", "plain@hp", "--rate", "40mbit")).isEqualTo(1);
    assertThat(err.toString()).contains("plain@hp").contains("geometry").contains("these fit: Tiny_Net@lopinfer");
    assertThat(out.toString()).isEmpty();
  }
}
