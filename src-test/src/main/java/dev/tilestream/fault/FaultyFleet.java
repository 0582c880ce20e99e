package dev.tilestream.fault;

import dev.tilestream.cli.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A source and its peers as processes on a {@link Ground}. Needs the modules packaged and the system property {@code tilestream.home}.
 * {@link #close} leaves no process behind.
 */
public final class FaultyFleet implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(120);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Metrics that say how it is now; and one kind of processor for all, whatever else this machine has to do. */
  private static final String SETTINGS = """
      kamon.metric.tick-interval = 1s
      tilestream.kernel.threads = 1
      """;

  private final List<LiveNode> nodes;
  private final Path directory;

  private FaultyFleet(List<LiveNode> nodes, Path directory) {
    this.nodes = List.copyOf(nodes);
    this.directory = directory;
  }

  /**
   * Returns once every node is ready.
   *
   * @param robotSpeed relative to this machine
   * @param edgeSpeed likewise
   * @param directory where configurations and logs go
   */
  public static FaultyFleet start(Ground ground, Path repository, double robotSpeed, double edgeSpeed, Path directory)
      throws IOException, InterruptedException {
    Path launcher = Path.of(System.getProperty("tilestream.home"), "tilestream");
    Files.createDirectories(directory);
    rehearse(launcher);
    List<String> seeds = ground.places().stream().map(Place::seed).toList();
    List<LiveNode> nodes = new ArrayList<>();
    for (Place place : ground.places()) {
      // The source never dies: it founds the fleet at once. Others must ask whoever is there.
      String through = nodes.isEmpty() ? seeds.get(0) : String.join(",", seeds);
      boolean edge = place.name().startsWith("edge");
      Path settings = directory.resolve(place.name() + ".conf");
      Files.writeString(settings, place.settings() + SETTINGS + "tilestream.api.tokens.admin = [\"%s\"]\n".formatted(FleetToken.VALUE));
      List<String> command = new ArrayList<>(place.prefix());
      command.addAll(List.of(
          launcher.toString(), "node", "--role", place.role().word(), "--name", place.name(), "--host", place.host(), "--port", "" + place.port(),
          "--seed", through, "--expect", "" + seeds.size(), "--http-host", place.http().getHost(), "--http-port", "" + place.http().getPort(),
          "--metrics-port", "" + place.metricsPort(), "--repository", repository.toAbsolutePath().toString(), "--with-parent",
          "--speed", "" + (edge ? edgeSpeed : robotSpeed), "--config", settings.toAbsolutePath().toString()));
      command.addAll(place.options());
      nodes.add(new LiveNode(place, command, directory));
    }
    FaultyFleet fleet = new FaultyFleet(nodes, directory);
    try {
      for (LiveNode node : nodes) node.start();
      fleet.awaitReady();
      return fleet;
    } catch (RuntimeException | InterruptedException e) {
      fleet.close();
      throw e;
    }
  }

  /** The launcher makes its class archive when it runs a fleet; nodes that are told to build nothing do not. */
  private static void rehearse(Path launcher) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "fleet", "--help")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    builder.start().waitFor();
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY.toNanos();
    for (LiveNode node : nodes)
      while (!node.client().ready()) {
        if (!node.isAlive()) throw new CommandFailed("%s died before it was ready:%n%s".formatted(node.name(), node.log()));
        if (System.nanoTime() - deadline > 0)
          throw new CommandFailed("%s is not ready after %d s:%n%s".formatted(node.name(), READY.toSeconds(), node.log()));
        Thread.sleep(POLL.toMillis());
      }
  }

  /** Who is asked; nothing ever happens to it. */
  public LiveNode source() {
    return nodes.get(0);
  }

  /** All others. */
  public List<LiveNode> peers() {
    return nodes.subList(1, nodes.size());
  }

  public List<LiveNode> nodes() {
    return nodes;
  }

  /** Where configurations and logs are. */
  Path directory() {
    return directory;
  }

  LiveNode node(String name) {
    return nodes.stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    nodes.forEach(LiveNode::askToStop);
    try {
      for (LiveNode node : nodes) node.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
