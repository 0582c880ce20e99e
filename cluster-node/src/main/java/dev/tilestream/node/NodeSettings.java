package dev.tilestream.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What makes this member this one.
 *
 * @param host address that peers reach it at
 * @param port Akka port; 0 takes a free one
 * @param seeds {@code host:port} of members to join through; empty forms a cluster of its own
 * @param httpPort 0 takes a free one
 * @param expected how many members must be up before it reports ready
 * @param speed of the compute lane relative to this machine, at most 1; below it the lane stretches kernel time
 * @param rateBytesPerSecond emulated rate of everything sent to peers; empty: as fast as it goes
 * @param delayMillis emulated one-way delay of everything sent to peers
 */
public record NodeSettings(
    Role role,
    String name,
    String host,
    int port,
    List<String> seeds,
    String httpHost,
    int httpPort,
    int metricsPort,
    Path repository,
    int expected,
    double speed,
    Optional<Double> rateBytesPerSecond,
    double delayMillis) {
  /** What a member is; edges lend their lanes, robots also have requests of their own. */
  public enum Role {
    ROBOT,
    EDGE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public NodeSettings {
    seeds = List.copyOf(seeds);
    checkName(name);
    if (!(speed > 0 && speed <= 1)) throw new IllegalArgumentException("speed: " + speed + " (expected: above 0, at most 1)");
    if (expected < 1) throw new IllegalArgumentException("expect: " + expected + " (expected: at least 1)");
    if (!(delayMillis >= 0)) throw new IllegalArgumentException("delay: " + delayMillis + " ms (expected: not negative)");
    rateBytesPerSecond.ifPresent(r -> {
      if (!(r > 0)) throw new IllegalArgumentException("rate: " + r + " bytes/s (expected: above 0)");
    });
  }

  /** @throws IllegalArgumentException when it can't be a member's name */
  static void checkName(String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,62}"))
      throw new IllegalArgumentException("name: " + name + " (expected: letters, digits, - and _, at most 63)");
  }
}
