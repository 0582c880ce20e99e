package dev.tilestream.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
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
  void wrongUsageIsStatusTwoAndSaysWhatWasExpected() {
    assertThat(run("local", "--models", "alexnet")).isEqualTo(2);
    assertThat(err.toString()).contains("alexnet").contains("squeezenet, resnet50, densenet121, vgg19, mobilenet-v2, fastestdet");
    assertThat(run()).isEqualTo(2);
    assertThat(run("local", "--threads", "0")).isEqualTo(2);
  }
}
