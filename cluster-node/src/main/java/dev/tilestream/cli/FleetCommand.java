package dev.tilestream.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.fleet.FleetPlan;
import dev.tilestream.cli.fleet.LocalFleet;
import dev.tilestream.cli.fleet.NodeProcess;
import dev.tilestream.client.Credentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A whole fleet on this machine, for trying things out. */
@Command(
    name = "fleet",
    description = "Runs a fleet of local processes until Ctrl-C. Nothing is emulated unless asked for.",
    mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream fleet --robots 2 --edges 1 --repository models",
      "  tilestream fleet --repository models --robot-speed 0.1 --rate 40mbit --delay 2ms"})
final class FleetCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @Spec private CommandSpec spec;

  @Option(names = "--robots", paramLabel = "R", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int robots;

  @Option(names = "--edges", paramLabel = "E", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(
      names = "--repository", paramLabel = "DIR", defaultValue = "models",
      description = "DIR/<model>/<version>/model.onnx. Default: ${DEFAULT-VALUE}.")
  private Path repository;

  @Option(
      names = "--http-host", paramLabel = "HOST", defaultValue = "127.0.0.1",
      description = "Address to serve at. Default: ${DEFAULT-VALUE}.")
  private String httpHost;

  @Option(
      names = "--http-port", paramLabel = "P", defaultValue = "8000",
      description = "Of robot-1; the others follow, robots before edges. 0: free ones. Default: ${DEFAULT-VALUE}.")
  private int httpPort;

  @Option(names = "--metrics-port", paramLabel = "P", defaultValue = "9095", description = "Likewise. Default: ${DEFAULT-VALUE}.")
  private int metricsPort;

  @Option(
      names = "--robot-speed", paramLabel = "F", defaultValue = "1",
      description = "A robot's speed relative to this machine: below 1 its kernels take longer. Default: ${DEFAULT-VALUE}.")
  private double robotSpeed;

  @Option(names = "--edge-speed", paramLabel = "F", defaultValue = "1", description = "Likewise for edges. Default: ${DEFAULT-VALUE}.")
  private double edgeSpeed;

  @Option(names = "--rate", paramLabel = "RATE", description = "What a node can send, e.g. 93mbit. Default: as fast as it goes.")
  private LinkRate rate;

  @Option(
      names = "--delay", paramLabel = "TIME", defaultValue = "0ms",
      description = "One-way delay between nodes, e.g. 1ms. Default: none.")
  private Duration delay;

  @Option(names = "--restart", description = "Start a node that dies again. Default: it stays dead and the others serve on.")
  private boolean restart;

  @Option(
      names = "--logs", paramLabel = "DIR",
      description = "Where the nodes' logs go. Default: a temporary directory, removed at the end.")
  private Path logs;

  @Option(
      names = "--config", paramLabel = "FILE",
      description = "More settings for every node (HOCON), such as certificates and tokens; see docs/SECURITY.md.")
  private Path config;

  @Mixin private CredentialOptions credentials;

  @Option(names = "--json", description = "Print the nodes as JSON, once all are ready.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!Files.isDirectory(repository))
      throw new ParameterException(
          spec.commandLine(), "--repository: %s is not a directory (expected: DIR/<model>/<version>/model.onnx)".formatted(repository));
    if (config != null && !Files.isRegularFile(config))
      throw new ParameterException(spec.commandLine(), "--config: %s: no such file".formatted(config));
    FleetPlan plan = plan();
    Credentials shown = credentials.credentials();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (ScratchDirectory scratch = logs == null ? ScratchDirectory.create("tilestream-fleet-") : null;
        LocalFleet fleet = LocalFleet.start(
            plan, Launcher.path(), scratch == null ? Files.createDirectories(logs) : scratch.path(),
            event -> err.println("tilestream: " + event))) {
      Thread stop = new Thread(() -> {
        fleet.close();
        if (scratch != null) scratch.close();
      }, "stop-fleet");
      Runtime.getRuntime().addShutdownHook(stop);
      fleet.awaitReady(PATIENCE, shown, node -> {
        if (!json) out.println(line(node));
        out.flush();
      });
      if (json) out.println(document(fleet));
      out.flush();
      fleet.awaitEnd();
      if (fleet.isClosed()) return 0;
      err.println("tilestream: every node has died");
      err.flush();
      return 1;
    }
  }

  private FleetPlan plan() {
    try {
      return new FleetPlan(
          robots, edges, repository, httpHost, httpPort, metricsPort, robotSpeed, edgeSpeed, Optional.ofNullable(rate), delay, restart,
          Optional.ofNullable(config));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static String line(NodeProcess node) {
    String memory = node.residentBytes().stream().mapToObj(b -> ", RSS %d MB".formatted(b >> 20)).findFirst().orElse("");
    return "%s ready: %s (%s s%s, pid %d)".formatted(
        node.name(), node.member().http(), String.format(Locale.ROOT, "%.1f", node.startToReady().toMillis() / 1e3), memory, node.pid());
  }

  private static String document(LocalFleet fleet) {
    ObjectNode document = new ObjectMapper().createObjectNode();
    ArrayNode nodes = document.putArray("nodes");
    for (NodeProcess node : fleet.nodes()) {
      ObjectNode entry = nodes.addObject()
          .put("name", node.name())
          .put("role", node.member().role().word())
          .put("http", node.member().http().toString())
          .put("metricsPort", node.member().metricsPort())
          .put("pid", node.pid())
          .put("readySeconds", node.startToReady().toMillis() / 1e3)
          .put("log", node.log().toString());
      node.residentBytes().ifPresent(bytes -> entry.put("residentBytes", bytes));
    }
    return document.toString();
  }
}
