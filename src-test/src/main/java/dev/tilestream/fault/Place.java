package dev.tilestream.fault;

import dev.tilestream.node.NodeSettings.Role;
import java.net.URI;
import java.util.List;

/**
 * Where a node of a fleet runs.
 *
 * @param host that other members reach it at
 * @param http where this process reaches it
 * @param metricsPort of the same host as {@code http}
 * @param prefix of its command line: what puts the process where it belongs; empty: nothing need
 * @param options more of its command line
 * @param settings more of its configuration, HOCON
 */
public record Place(
    String name, Role role, String host, int port, URI http, int metricsPort, List<String> prefix, List<String> options, String settings) {
  public Place {
    prefix = List.copyOf(prefix);
    options = List.copyOf(options);
  }

  /** As {@code --seed} takes it. */
  String seed() {
    return host + ":" + port;
  }
}
