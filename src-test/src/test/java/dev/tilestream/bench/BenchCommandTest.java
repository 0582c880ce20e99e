package dev.tilestream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  void wrongUsageIsStatusTwoAndSaysWhatWasExpected() {
    assertThat(run("local", "--models", "alexnet")).isEqualTo(2);
    assertThat(err.toString()).contains("alexnet").contains("squeezenet, resnet50, densenet121, vgg19, mobilenet-v2, fastestdet");
    assertThat(run()).isEqualTo(2);
    assertThat(run("local", "--threads", "0")).isEqualTo(2);
    assertThat(run("predict", "--strategies", "best")).isEqualTo(2);
    assertThat(err.toString()).contains("best").contains("local, offload, layer");
    assertThat(run("predict", "--runs", "0")).isEqualTo(2);
  }
}
