package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Two network namespaces and between them a third, a router that shapes both ways by a token bucket ({@code tc tbf}), with a buffer that a
 * sender who takes what it gets fills, like an access point's. In the sender's own kernel TCP would see to it that it stays empty. Its
 * frames are Ethernet's: of 1514 bytes 1448 are a stream's. Needs root. Kernels delay only with netem, which many lack: the ends hold back
 * what they send instead.
 */
final class KernelLine implements Line {
  private static final double BUFFER_SECONDS = 0.100;
  /** What a token bucket lets through at once after a rest. */
  private static final double BURST_SECONDS = 0.0015;
  private static final int LEAST_BURST_BYTES = 3200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final double bytesPerSecond;
  private final Duration delay;

  private KernelLine(double bytesPerSecond, Duration delay) {
    this.name = "ts" + ProcessHandle.current().pid();
    this.bytesPerSecond = bytesPerSecond;
    this.delay = delay;
  }

  /** Whether this machine lets us: root, {@code ip} and {@code tc}. */
  static boolean possible() {
    try {
      String probe = "ts" + ProcessHandle.current().pid() + "p";
      run("ip", "netns", "add", probe);
      run("tc", "-n", probe, "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1mbit", "burst", "3200", "limit", "10000");
      run("ip", "netns", "del", probe);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static KernelLine open(double bytesPerSecond, Duration delay) throws IOException {
    KernelLine line = new KernelLine(bytesPerSecond, delay);
    try {
      line.make();
      return line;
    } catch (IOException e) {
      line.close();
      throw e;
    }
  }

  private void make() throws IOException {
    for (String space : List.of(space(0), space(1), router())) run("ip", "netns", "add", space);
    run("ip", "netns", "exec", router(), "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    long burst = (long) Math.max(LEAST_BURST_BYTES, bytesPerSecond * BURST_SECONDS);
    for (int end = 0; end < 2; end++) {
      String port = "to" + end;
      run(
          "ip", "-n", space(end), "link", "add", "line", "gso_max_segs", "1", "type", "veth", "peer", "name", port, "gso_max_segs", "1",
          "netns", router());
      run("ip", "-n", space(end), "addr", "add", host(end) + "/24", "dev", "line");
      run("ip", "-n", router(), "addr", "add", gateway(end) + "/24", "dev", port);
      run("ip", "-n", space(end), "link", "set", "lo", "up");
      run("ip", "-n", space(end), "link", "set", "line", "up");
      run("ip", "-n", router(), "link", "set", port, "up");
      run("ip", "-n", space(end), "route", "add", "default", "via", gateway(end));
      run("tc", "-n", router(), "qdisc", "add", "dev", port, "root", "tbf", "rate", (long) (bytesPerSecond * 8) + "bit",
          "burst", "" + burst, "limit", "" + (long) (bytesPerSecond * BUFFER_SECONDS + burst));
    }
  }

  private String space(int end) {
    return name + (end == 0 ? "a" : "b");
  }

  private String router() {
    return name + "r";
  }

  private static String gateway(int end) {
    return "10.77." + end + ".254";
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT, "kernel (a router with tc tbf, %.0f ms of buffer; ends hold back %.1f ms each way)", BUFFER_SECONDS * 1e3,
        delay.toNanos() / 1e6);
  }

  @Override
  public List<String> at(int end, List<String> command) {
    List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", space(end)));
    inside.addAll(command);
    return inside;
  }

  @Override
  public String host(int end) {
    return "10.77." + end + ".1";
  }

  @Override
  public String settings() {
    return "tilestream.link.emulated-delay = " + delay.toNanos() + " ns";
  }

  @Override
  public double queueSeconds() throws IOException {
    JsonNode shaper = JSON.readTree(run("tc", "-n", router(), "-s", "-j", "qdisc", "show", "dev", "to1")).path(0);
    return shaper.path("backlog").asDouble() / bytesPerSecond;
  }

  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) throw new IOException(String.join(" ", command) + ": " + said.strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(String.join(" ", command) + ": interrupted", e);
    }
    return said;
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (String space : List.of(space(0), space(1), router()))
      try {
        run("ip", "netns", "del", space);
      } catch (IOException e) {
        failure = e;
      }
    if (failure != null) throw failure;
  }
}
