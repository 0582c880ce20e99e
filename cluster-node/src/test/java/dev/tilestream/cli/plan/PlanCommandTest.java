package dev.tilestream.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.cli.Tilestream;
import dev.tilestream.cli.simulate.TinyProfile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

class PlanCommandTest {
  private static final String TWO = """
      {"devices":[{"name":"edge-1","role":"edge"},{"name":"robot-1","role":"robot","source":true}]}""";

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path model;

  @BeforeEach
  void aLog() throws IOException {
    model = Files.writeString(directory.resolve("tiny@test.json"), TinyProfile.json());
  }

  private int run(String devices, String... more) throws IOException {
    return run(model, devices, more);
  }

  private int run(Path of, String devices, String... more) throws IOException {
    out.getBuffer().setLength(0);
    Path file = Files.writeString(directory.resolve("devices.json"), devices);
    List<String> all = new ArrayList<>(List.of("plan", of.toString(), "--devices", file.toString()));
    all.addAll(List.of(more));
    return Tilestream.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all.toArray(String[]::new));
  }

  private Map<String, JsonNode> strategies() throws IOException {
    Map<String, JsonNode> all = new HashMap<>();
    for (JsonNode s : new ObjectMapper().readTree(out.toString()).get("strategies")) all.put(s.get("strategy").asText(), s);
    return all;
  }

  private double millis(String strategy) throws IOException {
    return strategies().get(strategy).get("latencyMs").asDouble();
  }

  @Test
  void everyStrategyIsPredictedAndHybridIsNoneTheWorse() throws IOException {
    assertThat(run(TWO, "--rate", "40mbit", "--json")).isZero();
    assertThat(strategies()).containsOnlyKeys("local", "offload", "layer", "energy", "even", "published", "hybrid");
    assertThat(millis("local")).isCloseTo(31.02, within(0.01));
    for (String other : new String[] {"local", "offload", "layer", "energy", "even"})
      assertThat(millis("hybrid")).as(other).isLessThanOrEqualTo(millis(other) * 1.031);
    double bound = strategies().get("hybrid").get("boundMs").asDouble();
    assertThat(bound).isPositive().isLessThanOrEqualTo(millis("hybrid") + 1e-6);
    JsonNode offload = strategies().get("offload");
    assertThat(offload.get("devices")).extracting(JsonNode::asText).containsExactly("robot-1", "edge-1");
    assertThat(offload.get("plan").asText()).contains("robot-1 > edge-1: 49,152 bytes");
  }

  @Test
  void aSlowerDeviceTakesLongerAndDrawsItsOwnPower() throws IOException {
    String slow = """
        {"devices":[{"name":"r","role":"robot","source":true,"speed":0.5,"power":{"idle":1,"compute":3}}]}""";
    assertThat(run(slow, "--rate", "40mbit", "--strategies", "local", "--json")).isZero();
    assertThat(millis("local")).isCloseTo(62.02, within(0.01));
    assertThat(strategies().get("local").get("joules").asDouble()).isCloseTo(3 * 0.06202, within(1e-4));
  }

  @Test
  void aLinkOfItsOwnRateAndDelayIsTakenAsItIs() throws IOException {
    assertThat(run(TWO, "--rate", "40mbit", "--delay", "1ms", "--strategies", "offload", "--json")).isZero();
    double alike = millis("offload");
    String link = TWO.substring(0, TWO.lastIndexOf('}'))
        + ",\"links\":[{\"from\":\"edge-1\",\"to\":\"robot-1\",\"rate\":\"40mbit\",\"delay\":\"6ms\"}]}";
    assertThat(run(link, "--rate", "40mbit", "--delay", "1ms", "--strategies", "offload", "--json")).isZero();
    assertThat(millis("offload")).isCloseTo(alike + 5, within(1e-3));
  }

  @Test
  void theTableAndTheBestPlanAreForPeople() throws IOException {
    assertThat(run(TWO, "--rate", "40mbit")).isZero();
    assertThat(out.toString()).startsWith("strategy").contains("kB over the air").contains("tile 0:");
    assertThat(run(TWO, "--rate", "40mbit", "--plans")).isZero();
    assertThat(out.toString()).contains("local, 1 tiles on robot-1").contains("even, ");
  }

  @Test
  void timelinesAreWellFormedPicturesOfTheirOwn() throws Exception {
    Path svg = directory.resolve("t.svg");
    Path html = directory.resolve("t.html");
    assertThat(run(TWO, "--rate", "40mbit", "--out", svg.toString())).isZero();
    String picture = Files.readString(svg);
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(picture)));
    assertThat(picture).contains("robot-1 &gt; edge-1", "prefers-color-scheme:dark", "class=\"tile\"", "class=\"air\"")
        .doesNotContain("NaN");
    assertThat(run(TWO, "--rate", "40mbit", "--out", html.toString())).isZero();
    assertThat(Files.readString(html)).startsWith("<!doctype html>").contains("<svg").doesNotContain("http://www.w3.org/1999", "<script");
    assertThat(run(TWO, "--rate", "40mbit", "--out", "t.png")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "[]", "{}", "{\"devices\":[]}", "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\"}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"boss\",\"source\":true}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true},{\"name\":\"a\",\"role\":\"edge\"}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true,\"speed\":0}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true,\"sped\":1}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true,\"power\":{\"idle\":5,\"compute\":1}}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true}],\"medium\":\"ether\"}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true}],\"links\":[{\"from\":\"a\",\"to\":\"b\",\"rate\":\"1mbit\"}]}",
    "{\"devices\":[{\"name\":\"a\",\"role\":\"robot\",\"source\":true,\"profile\":\"none.profile\"}]}"
  })
  void aWrongDevicesFileEndsWithOneAndSaysWhatWasExpected(String devices) throws IOException {
    assertThat(run(devices, "--rate", "40mbit")).isEqualTo(1);
    assertThat(err.toString()).startsWith("tilestream: ").contains("expected").hasLineCount(1);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void wrongUsageEndsWithTwo() throws IOException {
    assertThat(run(TWO)).isEqualTo(2);
    assertThat(run(directory.resolve("none.onnx"), TWO, "--rate", "1mbit")).isEqualTo(2);
    assertThat(run(TWO, "--rate", "1mbit", "--strategies", "best")).isEqualTo(2);
    assertThat(run(TWO, "--rate", "1mbit", "--halo", "-2")).isEqualTo(2);
    assertThat(run(TWO, "--rate", "1mbit", "--shape", "x=a")).isEqualTo(2);
  }

  @Test
  void anOnnxModelIsMeasuredOnceAndPlannedWithTheTimesThatWereKept() throws IOException {
    Path onnx = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve("models/mnist.onnx");
    Assumptions.assumeTrue(Files.isRegularFile(onnx), () -> "test data absent: " + onnx + " (set -Dtilestream.data)");
    Path kept = directory.resolve("mnist.profile");
    String[] again = {"--rate", "40mbit", "--strategies", "local,offload", "--profile", kept.toString()};
    assertThat(run(onnx, TWO, "--rate", "40mbit", "--strategies", "local", "--save-profile", kept.toString(), "--json")).isZero();
    double measured = millis("local");
    assertThat(measured).isPositive();
    assertThat(run(onnx, TWO, append(again, "--json"))).isZero();
    assertThat(millis("local")).isCloseTo(measured, within(measured * 1e-5));
    assertThat(run(TWO, append(again, "--json"))).as("a log needs no times").isZero();
    Files.write(kept, new byte[40]);
    assertThat(run(onnx, TWO, again)).isEqualTo(1);
    assertThat(err.toString()).contains("mnist.profile");
  }

  private static String[] append(String[] some, String more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.add(more);
    return all.toArray(String[]::new);
  }
}
