package dev.tilestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine program = Tilestream.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return program.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "demo", "node", "fleet", "models", "models list", "models load", "models unload", "infer", "replay", "simulate", "plan", "doctor",
    "settings", "completion", "bench"})
  void everyCommandExplainsItselfAndEndsWithZero(String command) {
    assertThat(run((command + " --help").strip().split(" "))).isZero();
    assertThat(out.toString()).contains(("Usage: tilestream " + command).strip());
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "fly", "demo --rate fast", "demo --requests 0", "demo --model x.onnx", "demo --model x.onnx --picture y.jpg", "infer", "infer m",
    "infer m p.jpg --strategy best", "infer m p.jpg --camera frames", "infer m --camera frames --rate 0", "infer m --camera frames --window 9",
    "doctor --seed nohost", "models", "models list --url ftp://host", "fleet --repository /nowhere", "fleet --robots many",
    "fleet --repository . --robots 0 --edges 0", "fleet --repository . --http-port 65535", "fleet --repository . --robot-speed 0",
    "fleet --repository . --config /nowhere.conf", "demo --config /nowhere.conf",
    "node", "node --role boss --name a", "node --role robot", "node --role robot --name a/b", "node --role robot --name a --seed nohost",
    "node --role robot --name a --port 70000", "node --role edge --name a --rate 0mbit", "node --role edge --name a --delay soon",
    "node --role edge --name a --config /nowhere.conf", "simulate", "simulate --profile x", "simulate --all --profile x --rate 1mbit",
    "simulate --profile x --rate 1mbit --trace y", "simulate --profile x --rate 1mbit --data /nowhere", "simulate --all --rate fast",
    "simulate --all --rate 1mbit --objective speed", "simulate --all --rate 1mbit --objective weighted:1",
    "simulate --all --rate 1mbit --strategies best", "simulate --all --rate 1mbit --medium ether"})
  void wrongUsageEndsWithTwoAndSaysWhy(String arguments) {
    assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aNodeThatIsNotThereEndsWithOneInOneLine(@TempDir Path directory) throws Exception {
    // Port 1 is reserved and refuses.
    assertThat(run("models", "list", "--url", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(err.toString()).startsWith("tilestream: http://127.0.0.1:1/ does not answer").hasLineCount(1);
  }

  @Test
  void whatIsNoPictureIsRefusedBeforeAnythingIsSent(@TempDir Path directory) throws Exception {
    Path text = Files.writeString(directory.resolve("picture.jpg"), "not a picture");
    assertThat(run("infer", "m", text.toString(), "--url", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(err.toString()).contains("neither JPEG nor PNG");
  }

  @Test
  void settingsArePrintedWithTheirMeaning() {
    assertThat(run("settings", "tilestream.api")).isZero();
    assertThat(out.toString()).contains("tilestream.api.port = 8000").contains("# Cameras' streams (WebSockets) that are open at one time")
        .doesNotContain("tilestream.node");
    assertThat(run("settings", "tilestream.apy")).isEqualTo(1);
  }

  @Test
  void completionIsAScriptThatKnowsTheCommands() {
    assertThat(run("completion")).isZero();
    assertThat(out.toString()).startsWith("#!/usr/bin/env bash").contains("doctor", "--camera");
  }

  @Test
  void benchmarksAreNotPartOfTheShippedProgram() {
    assertThat(run("bench")).isEqualTo(1);
    assertThat(err.toString()).contains("source checkout");
  }
}
