package dev.tilestream.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.tilestream.cli.fleet.ResidentMemory;
import dev.tilestream.node.NodeMain;
import dev.tilestream.node.NodeSettings;
import dev.tilestream.node.NodeSettings.Role;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One member of a fleet, until it is told to stop. */
@Command(
    name = "node", description = "Runs one member of a fleet until Ctrl-C.", mixinStandardHelpOptions = true,
    footer = {
      "%nExamples, one on each machine:",
      "  tilestream node --role edge --name edge-1 --host 10.0.0.5 --seed 10.0.0.5:25520,10.0.0.11:25520",
      "  tilestream node --role robot --name robot-1 --host 10.0.0.11 --seed 10.0.0.5:25520,10.0.0.11:25520",
      "%nAny members that are up can be seeds, in any order. See also: tilestream doctor, tilestream settings."})
final class NodeCommand implements Callable<Integer> {
  private static final ConfigParseOptions STRICT = ConfigParseOptions.defaults().setAllowMissing(false);
  private static final Duration POLL = Duration.ofMillis(50);

  @Spec private CommandSpec spec;

  @Option(
      names = "--role", paramLabel = "ROLE", required = true,
      description = "robot or edge. Robots have requests of their own; edges lend their processors.")
  private Role role;

  @Option(names = "--name", paramLabel = "NAME", required = true, description = "Unique in the fleet: letters, digits, - and _.")
  private String name;

  @Option(
      names = "--host", paramLabel = "HOST", defaultValue = "127.0.0.1",
      description = "Address that other members reach it at. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--port", paramLabel = "PORT", defaultValue = "25520",
      description = "For other members; 0: a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--seed", paramLabel = "HOST:PORT", split = ",", defaultValue = "${env:TILESTREAM_SEEDS}",
      description = "Members to join through; may be repeated, comma-separated, in TILESTREAM_SEEDS,"
          + " or as tilestream.node.seeds in --config. None: a fleet of its own.")
  private List<String> seeds = List.of();

  @Option(
      names = "--expect", paramLabel = "N", defaultValue = "1",
      description = "How many members must be up before it says that it is ready. Default: ${DEFAULT-VALUE}.")
  private int expected;

  @Option(
      names = "--http-host", paramLabel = "HOST", defaultValue = "127.0.0.1",
      description = "Address to serve at; 0.0.0.0: all. Default: ${DEFAULT-VALUE}.")
  private String httpHost;

  @Option(names = "--http-port", paramLabel = "PORT", defaultValue = "8000", description = "0: a free one. Default: ${DEFAULT-VALUE}.")
  private int httpPort;

  @Option(
      names = "--metrics-port", paramLabel = "PORT", defaultValue = "9095",
      description = "For Prometheus; 0: a free one. Default: ${DEFAULT-VALUE}.")
  private int metricsPort;

  @Option(
      names = "--repository", paramLabel = "DIR", defaultValue = "models",
      description = "DIR/<model>/<version>/model.onnx. Default: ${DEFAULT-VALUE}.")
  private Path repository;

  @Option(
      names = "--speed", paramLabel = "F", defaultValue = "1",
      description = "Emulate a device of this speed relative to this one. Default: ${DEFAULT-VALUE}.")
  private double speed;

  @Option(names = "--rate", paramLabel = "RATE", description = "Emulate a link: what it can send, e.g. 93mbit.")
  private LinkRate rate;

  @Option(
      names = "--delay", paramLabel = "TIME", defaultValue = "0ms",
      description = "Emulate a link: one-way delay of what it sends, e.g. 1ms.")
  private Duration delay;

  @Option(
      names = "--config", paramLabel = "FILE",
      description = "More settings (HOCON), over the built-in ones; see the modules' reference.conf.")
  private Path config;

  @Option(names = "--with-parent", description = "Stop when standard input ends: when the process that started it is gone.")
  private boolean withParent;

  @Option(
      names = "--until-ready", hidden = true,
      description = "Stop when it is ready: the launcher's rehearsal, from which later starts take their classes.")
  private boolean untilReady;

  @Override
  public Integer call() throws InterruptedException {
    Config files = files();
    NodeSettings settings = settings(files);
    if (withParent) ParentWatch.start(System.in);
    NodeMain node = NodeMain.start(settings, files);
    if (!stopsWithProcess(node)) return 0;
    while (!node.ready()) Thread.sleep(POLL.toMillis());
    PrintWriter out = spec.commandLine().getOut();
    out.println(readyLine(node.httpScheme(), node.httpAddress()));
    out.flush();
    if (untilReady) return 0;
    // From here on the node's own threads work; a signal ends the process, through its orderly shutdown.
    new CountDownLatch(1).await();
    return 0;
  }

  /** False when the process is ending already; the node is stopped then. */
  private static boolean stopsWithProcess(NodeMain node) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(node::close, "stop-node"));
      return true;
    } catch (IllegalStateException ending) {
      node.close();
      return false;
    }
  }

  /** What the program and {@code --config} say; the file goes first. */
  private Config files() {
    if (config == null) return ConfigFactory.load();
    try {
      return ConfigFactory.load(ConfigFactory.parseFile(config.toFile(), STRICT).withFallback(ConfigFactory.defaultApplication()));
    } catch (ConfigException e) {
      throw new ParameterException(spec.commandLine(), "--config: " + e.getMessage(), e);
    }
  }

  private NodeSettings settings(Config files) {
    List<String> members = Stream.ofNullable(seeds).flatMap(List::stream).map(String::strip).filter(seed -> !seed.isEmpty()).toList();
    if (members.isEmpty()) members = files.getStringList("tilestream.node.seeds");
    for (String seed : members)
      if (!seed.matches("[^:\\s]+:\\d{1,5}"))
        throw new ParameterException(spec.commandLine(), "--seed: '%s' (expected: host:port)".formatted(seed));
    for (int p : new int[] {port, httpPort, metricsPort})
      if (p < 0 || p > 65_535) throw new ParameterException(spec.commandLine(), "port: %d (expected: 0 to 65535)".formatted(p));
    try {
      return new NodeSettings(
          role, name, host, port, members, httpHost, httpPort, metricsPort, repository, expected, speed,
          Optional.ofNullable(rate).map(LinkRate::bytesPerSecond), delay.toNanos() / 1e6);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String readyLine(String scheme, InetSocketAddress address) {
    double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
    String memory = ResidentMemory.ofThis().stream().mapToObj(b -> ", RSS %d MB".formatted(b >> 20)).findFirst().orElse("");
    String host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.getHostString();
    return "node %s ready: %s://%s:%d (%s s%s)".formatted(
        name, scheme, host, address.getPort(), String.format(Locale.ROOT, "%.1f", seconds), memory);
  }
}
