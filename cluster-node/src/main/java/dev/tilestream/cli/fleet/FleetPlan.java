package dev.tilestream.cli.fleet;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.api.ApiSettings;
import dev.tilestream.cli.LinkRate;
import dev.tilestream.node.NodeSettings.Role;
import dev.tilestream.security.SecurityFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a local fleet is made of.
 *
 * @param robots how many; named robot-1, robot-2, ...
 * @param edges how many; named edge-1, ...
 * @param httpPort of the first robot; the others follow, robots before edges; 0: free ones
 * @param metricsPort likewise
 * @param robotSpeed of a robot relative to this machine
 * @param rate of every link, each way; empty: as fast as it goes
 * @param delay of every link, one way
 * @param restart whether a node that dies is started again
 * @param config more settings for every node (HOCON)
 */
public record FleetPlan(
    int robots,
    int edges,
    Path repository,
    String httpHost,
    int httpPort,
    int metricsPort,
    double robotSpeed,
    double edgeSpeed,
    Optional<LinkRate> rate,
    Duration delay,
    boolean restart,
    Optional<Path> config) {
  private static final String LOOPBACK = "127.0.0.1";

  /** With the program's own settings. */
  public FleetPlan(
      int robots, int edges, Path repository, String httpHost, int httpPort, int metricsPort, double robotSpeed, double edgeSpeed,
      Optional<LinkRate> rate, Duration delay, boolean restart) {
    this(robots, edges, repository, httpHost, httpPort, metricsPort, robotSpeed, edgeSpeed, rate, delay, restart, Optional.empty());
  }

  public FleetPlan {
    if (robots < 0 || edges < 0 || robots + edges < 1)
      throw new IllegalArgumentException("fleet: %d robots, %d edges (expected: at least one node)".formatted(robots, edges));
    if (!(robotSpeed > 0) || !(edgeSpeed > 0))
      throw new IllegalArgumentException("speed: %s and %s (expected: above 0)".formatted(robotSpeed, edgeSpeed));
    checkPorts("http-port", httpPort, robots + edges);
    checkPorts("metrics-port", metricsPort, robots + edges);
    if (delay.isNegative()) throw new IllegalArgumentException("delay: %s (expected: not negative)".formatted(delay));
  }

  private static void checkPorts(String what, int first, int count) {
    if (first < 0 || first + count - 1 > 65_535)
      throw new IllegalArgumentException("%s: %d and the %d behind it (expected: 0 to 65535)".formatted(what, first, count - 1));
  }

  /**
   * One node's part.
   *
   * @param port Akka's
   */
  public record Member(Role role, String name, int port, URI http, int metricsPort, double speed) {}

  /**
   * The nodes in the order robots, edges, with ports that are free now.
   *
   * @throws IOException when a port that was asked for is taken
   */
  List<Member> members() throws IOException {
    int count = robots + edges;
    String scheme = scheme();
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<Integer> akka = take(held, LOOPBACK, 0, count);
      List<Integer> http = take(held, httpHost, httpPort, count);
      List<Integer> metrics = take(held, httpHost, metricsPort, count);
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        boolean robot = i < robots;
        String name = robot ? "robot-" + (i + 1) : "edge-" + (i - robots + 1);
        URI url = URI.create("%s://%s:%d".formatted(scheme, "0.0.0.0".equals(httpHost) ? LOOPBACK : httpHost, http.get(i)));
        members.add(new Member(robot ? Role.ROBOT : Role.EDGE, name, akka.get(i), url, metrics.get(i), robot ? robotSpeed : edgeSpeed));
      }
      return members;
    } finally {
      for (ServerSocket socket : held) close(socket);
    }
  }

  /** As the nodes will find it in their settings. @throws dev.tilestream.security.SecurityFault when those cannot be used */
  private String scheme() {
    try {
      return config.map(file -> ConfigFactory.load(ConfigFactory.parseFile(file.toFile()).withFallback(ConfigFactory.defaultApplication())))
          .map(settings -> ApiSettings.from(settings).scheme())
          .orElse("http");
    } catch (ConfigException e) {
      throw new SecurityFault(e.getMessage(), e);
    }
  }

  /** Held together until all are found, so that no two nodes get the same. */
  private static List<Integer> take(List<ServerSocket> held, String host, int first, int count) throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int wanted = first == 0 ? 0 : first + i;
      ServerSocket socket = new ServerSocket();
      held.add(socket);
      try {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName(host), wanted));
      } catch (IOException e) {
        throw new IOException("port %d of %s is not free: %s".formatted(wanted, host, e.getMessage()), e);
      }
      ports.add(socket.getLocalPort());
    }
    return ports;
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
