package dev.tilestream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.plan.Strategy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
  @TempDir Path cache;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new BenchCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
  }

  @Test
  void localMeasuresBothSidesAndPrintsJsonAlone() throws Exception {
    assertThat(run("local", "--models", "squeezenet", "--runs", "5", "--cache", cache.toString(), "--json")).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertThat(result).hasSize(1);
    JsonNode squeezenet = result.get(0);
    assertThat(squeezenet.fieldNames()).toIterable()
        .containsExactly("model", "threads", "tilestreamMs", "onnxRuntimeMs", "ratio", "tileOverheadMicros");
    assertThat(squeezenet.path("tilestreamMs").asDouble() / squeezenet.path("onnxRuntimeMs").asDouble()).isEqualTo(squeezenet.path("ratio").asDouble());
    assertThat(squeezenet.path("tileOverheadMicros").asDouble()).isPositive();
  }

  @Test
  void predictionsAreJudgedByTheirErrorWhateverItsSign() throws Exception {
    List<PredictResult> results = new ArrayList<>();
    for (int i = 1; i <= 20; i++)
      results.add(new PredictResult("m", "93mbit", "local", List.of("robot-1"), 100 + (i % 2 == 0 ? i : -i), 100, 120, 9));
    assertThat(PredictResult.errorQuantile(results, 0.5)).isCloseTo(0.10, within(1e-9));
    assertThat(PredictResult.errorQuantile(results, 0.95)).isCloseTo(0.19, within(1e-9));
    JsonNode json = new ObjectMapper().readTree(PredictResult.json(results));
    assertThat(json.path("results")).hasSize(20);
    assertThat(json.path("results").get(0).path("error").asDouble()).isCloseTo(-0.01, within(1e-9));
    assertThat(json.path("medianError").asDouble()).isCloseTo(0.10, within(1e-9));
    assertThat(PredictResult.table(results)).contains("median 10.0 %, p95 19.0 % of 20");
  }

  @Test
  void hybridIsMeasuredAgainstTheBestOfTheOthers() throws Exception {
    LiveResult result = new LiveResult("m", "93mbit", Map.of(
        Strategy.LOCAL, new LiveResult.Side(100, 90, "a", List.of("robot-1")),
        Strategy.OFFLOAD, new LiveResult.Side(50, 60, "b", List.of("edge-1")),
        Strategy.HYBRID, new LiveResult.Side(45, 48, "c", List.of("edge-1", "robot-1"))), 2);
    assertThat(result.ratio()).isCloseTo(0.9, within(1e-9));
    assertThat(result.promisedRatio()).isCloseTo(0.8, within(1e-9));
    JsonNode json = new ObjectMapper().readTree(LiveResult.json(List.of(result)));
    assertThat(json.get(0).path("strategies").path("offload").path("measuredMs").asDouble()).isEqualTo(50);
    LiveResult same = new LiveResult("m", "10mbit", Map.of(
        Strategy.LOCAL, new LiveResult.Side(100, 90, "a", List.of("robot-1")),
        Strategy.HYBRID, new LiveResult.Side(102, 90, "a", List.of("robot-1"))), 0);
    assertThat(result.distinct()).isTrue();
    assertThat(same.distinct()).isFalse();
    assertThat(LiveResult.table(List.of(result))).contains("45.0 (48.0)").contains("Hybrid at worst 0.900");
    assertThat(LiveResult.table(List.of(same))).contains("1.020 =").contains("1.020 x where both have the");
  }

  @Test
  void overloadIsJudgedByTheWorseOfItsCasesAndTellsWhatBecameOfEachStream() throws Exception {
    List<StreamTally> alike = List.of(tally("a", 30, 5), tally("b", 28, 5));
    List<StreamTally> flood = List.of(tally("a", 49, 900), tally("b", 7, 0));
    OverloadResult result = new OverloadResult("m", "hybrid", 6, 5.9, 10, alike, flood);
    assertThat(result.kept()).isCloseTo(5.6 / 6, within(1e-9));
    JsonNode b = new ObjectMapper().readTree(result.json()).path("flood").path(1);
    assertThat(b.path("answeredPerSecond").asDouble()).isCloseTo(0.7, within(1e-9));
    assertThat(result.table()).contains("5.8 answers a second, 96.7 % of the peak").contains("{503=900}").contains("87.5 %");
  }

  /** Ten seconds of it. */
  private static StreamTally tally(String stream, int answered, int refused) {
    StreamTally tally = new StreamTally(stream, 50);
    for (int i = 0; i < answered; i++) tally.ended(200, 0, 30);
    for (int i = 0; i < refused; i++) tally.ended(503, 2, 1);
    tally.over(Duration.ofSeconds(10));
    return tally;
  }

  @Test
  void anOutageIsFilledWithTheRateBeforeIt() {
    assertThat(TraceBench.withoutOutages(List.of("t_s,mbit_s", "0.0,80.5", "0.1,1.2", "0.9,4.9", "1.0,5", "2.0,0")))
        .containsExactly("t_s,mbit_s", "0.0,80.5", "0.1,80.5", "0.9,80.5", "1.0,5", "2.0,5");
  }

  @Test
  void aSoakIsGoodWhenNothingIsLostAndMemoryAtRestIsWhatItWas() throws Exception {
    SoakResult.Row before = row(0, 0, 200, 0, 4096);
    SoakResult.Row loaded = row(15, 0, 260, 9_000_000, 9_000_000);
    SoakResult good = new SoakResult("here", List.of(before, loaded, row(60, 0, 210, 0, 4096)), Map.of("kill", 3));
    assertThat(good.good()).isTrue();
    assertThat(good.table()).contains("At rest memory is what it was.").contains("8789.1");
    SoakResult leaking = new SoakResult("here", List.of(before, loaded, row(60, 0, 210, 512, 4096)), Map.of("kill", 3));
    assertThat(leaking.good()).isFalse();
    assertThat(leaking.table()).contains("robot-1: tensors hold 512 bytes at rest, 0 before");
    assertThat(new SoakResult("here", List.of(before, row(60, 1, 210, 0, 4096)), Map.of()).good()).isFalse();
    assertThat(new SoakResult("here", List.of(before, row(60, 0, 400, 0, 4096)), Map.of()).table())
        .contains("robot-1: resident 400 MB at rest, 200 before");
    assertThat(new ObjectMapper().readTree(leaking.json()).path("complaints")).hasSize(1);
  }

  /** The source, and an edge that is another process each time. */
  private static SoakResult.Row row(double second, int lost, long megabytes, long sourceNative, long edgeNative) {
    return new SoakResult.Row(second, 100, lost, 0, 3, Map.of(
        "robot-1", new SoakResult.Memory(1, megabytes << 20, sourceNative), "edge-1", new SoakResult.Memory((long) second, 999L << 20, edgeNative)));
  }

  @Test
  void wrongUsageIsStatusTwoAndSaysWhatWasExpected() {
    assertThat(run("local", "--models", "alexnet")).isEqualTo(2);
    assertThat(err.toString()).contains("alexnet").contains("squeezenet, resnet50, densenet121, vgg19, mobilenet-v2, fastestdet");
    assertThat(run()).isEqualTo(2);
    assertThat(run("local", "--threads", "0")).isEqualTo(2);
    assertThat(run("steps", "--rounds", "0")).isEqualTo(2);
    assertThat(run("steps", "--model", "alexnet")).isEqualTo(2);
    assertThat(run("predict", "--strategies", "best")).isEqualTo(2);
    assertThat(err.toString()).contains("best").contains("local, offload, layer");
    assertThat(run("predict", "--runs", "0")).isEqualTo(2);
    assertThat(run("live", "--strategies", "local,even")).isEqualTo(2);
    assertThat(run("overload", "--factor", "1")).isEqualTo(2);
    assertThat(run("overload", "--model", "alexnet")).isEqualTo(2);
    assertThat(run("faults", "--faults", "kill,flood")).isEqualTo(2);
    assertThat(err.toString()).contains("flood").contains("one of kill, blackhole, outage, partition, pause, split, mute or trace)");
    assertThat(run("faults", "--margin", "soon")).isEqualTo(2);
    assertThat(run("faults", "--ground", "moon")).isEqualTo(2);
    assertThat(err.toString()).contains("moon").contains("lab, emulated or auto");
    assertThat(run("soak", "--minutes", "0")).isEqualTo(2);
    assertThat(run("soak", "--faults", "pause,tsunami")).isEqualTo(2);
    assertThat(err.toString()).contains("--faults: fault: tsunami (expected: one of kill, blackhole, outage, partition, pause, split, mute)");
  }
}
