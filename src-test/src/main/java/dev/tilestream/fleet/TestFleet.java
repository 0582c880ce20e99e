package dev.tilestream.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.client.NodeClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./tilestream fleet} as a test sees it: every node a process of its own, on free ports. Needs the modules packaged and the
 * system property {@code tilestream.home}. {@link #close} leaves no process behind.
 */
public final class TestFleet implements AutoCloseable {
  private static final long STOP_SECONDS = 30;

  private final Process parent;
  private final List<Node> nodes;
  /** A bench that is stopped from outside leaves no fleet behind either. */
  private final Thread orphaned;

  /**
   * @param readySeconds from its start until it was ready
   * @param log its output
   */
  public record Node(String name, URI http, NodeClient client, long pid, double readySeconds, Path log) {
    public ProcessMemory memory() {
      return ProcessMemory.of(pid);
    }
  }

  private TestFleet(Process parent, List<Node> nodes) {
    this.parent = parent;
    this.nodes = List.copyOf(nodes);
    orphaned = new Thread(parent::destroy);
    Runtime.getRuntime().addShutdownHook(orphaned);
  }

  /**
   * Returns once every node is ready.
   *
   * @param directory where logs go
   * @param options more of the command line, like {@code --robot-speed 0.1}
   */
  public static TestFleet start(int robots, int edges, Path repository, Path directory, String... options) {
    return start("", robots, edges, repository, directory, options);
  }

  /**
   * The same.
   *
   * @param flags of every node's JVM, like {@code -Dtilestream.lane.threads=1}; separated by blanks
   */
  public static TestFleet start(String flags, int robots, int edges, Path repository, Path directory, String... options) {
    Path errors = directory.resolve("fleet.err");
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("tilestream.home"), "tilestream").toString(), "fleet", "--robots", "" + robots, "--edges", "" + edges,
        "--http-port", "0", "--metrics-port", "0", "--repository", repository.toString(), "--logs", directory.resolve("logs").toString(), "--json"));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    if (!flags.isEmpty()) builder.environment().merge("TILESTREAM_JAVA_OPTS", flags, (before, more) -> before + " " + more);
    try {
      Process parent = builder.start();
      // The reader stays open with the process: closing it would close the fleet's output.
      BufferedReader out = parent.inputReader(StandardCharsets.UTF_8);
      String line = out.readLine();
      if (line == null) throw new IllegalStateException("no fleet: " + Files.readString(errors));
      return new TestFleet(parent, nodes(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Node> nodes(String document) throws IOException {
    List<Node> nodes = new ArrayList<>();
    for (JsonNode n : new ObjectMapper().readTree(document).path("nodes")) {
      URI http = URI.create(n.path("http").asText());
      nodes.add(new Node(
          n.path("name").asText(), http, new NodeClient(http), n.path("pid").asLong(), n.path("readySeconds").asDouble(),
          Path.of(n.path("log").asText())));
    }
    return nodes;
  }

  /** Robots before edges. */
  public List<Node> nodes() {
    return nodes;
  }

  public Node node(int i) {
    return nodes.get(i);
  }

  @Override
  public void close() {
    parent.destroy();
    try {
      if (!parent.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) parent.destroyForcibly();
    } catch (InterruptedException e) {
      parent.destroyForcibly();
      Thread.currentThread().interrupt();
    } finally {
      for (Node n : nodes) ProcessHandle.of(n.pid()).ifPresent(ProcessHandle::destroyForcibly);
      forget(orphaned);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs already: this process ends.
    }
  }
}
