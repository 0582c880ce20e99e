package dev.tilestream.fault;

import dev.tilestream.cli.LinkRate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The script {@code deploy/wifi-lab/lab}, under a name of this process's own. Needs the system property {@code tilestream.home}. */
final class WifiLab implements AutoCloseable {
  private static final String NAME = "t" + ProcessHandle.current().pid() % 10_000_000;

  private final Thread hook = new Thread(this::down, "lab-down");

  private WifiLab() {}

  /** Why there is none on this machine, as the script says; empty: there is. */
  static Optional<String> absence() {
    Outcome outcome = run("check");
    return outcome.status == 0 ? Optional.empty() : Optional.of(outcome.text);
  }

  static WifiLab up(List<String> names, LinkRate rate) {
    WifiLab lab = new WifiLab();
    // Should this process be ended, the namespaces would stay.
    Runtime.getRuntime().addShutdownHook(lab.hook);
    lab.say("up", String.join(",", names), "--rate", rate.toString());
    return lab;
  }

  /** A verb and its arguments; the name goes with it, so that it works whoever starts it. */
  List<String> command(String... words) {
    return line(words);
  }

  private static List<String> line(String... words) {
    Path script = Path.of(System.getProperty("tilestream.home"), "deploy", "wifi-lab", "lab");
    List<String> command = new ArrayList<>(List.of("env", "TILESTREAM_LAB=" + NAME, script.toString()));
    command.addAll(List.of(words));
    return command;
  }

  /**
   * What it printed.
   *
   * @throws IllegalStateException with what it printed, when it failed
   */
  String say(String... words) {
    Outcome outcome = run(words);
    if (outcome.status != 0) throw new IllegalStateException("lab %s: %s".formatted(String.join(" ", words), outcome.text));
    return outcome.text;
  }

  /** One that goes on until it is stopped. */
  Process start(String... words) {
    try {
      return new ProcessBuilder(line(words)).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Outcome(int status, String text) {}

  private static Outcome run(String... words) {
    try {
      Process process = new ProcessBuilder(line(words)).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Outcome(process.waitFor(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void down() {
    run("down");
  }

  @Override
  public void close() {
    say("down");
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook runs already, and taking down twice does nothing.
      return;
    }
  }
}
