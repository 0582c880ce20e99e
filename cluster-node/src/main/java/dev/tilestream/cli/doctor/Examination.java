package dev.tilestream.cli.doctor;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is looked at, for a node that would be started with these options.
 *
 * @param host that members reach it at
 * @param seeds members, host:port each
 * @param cache what importing leaves behind
 */
public record Examination(
    Machine machine, String host, String httpHost, int port, int httpPort, int metricsPort, List<String> seeds, Path repository, Path cache) {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  /** A clock that says less has not been set. */
  private static final int THIS_SOFTWARE = 2026;

  /** Takes seconds: libraries are loaded. */
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(Surroundings.java(Runtime.version().feature(), System.getProperty("java.vm.name") + " " + Runtime.version()));
    findings.add(Hardware.processor(machine, Runtime.getRuntime().availableProcessors()));
    findings.addAll(Hardware.libraries());
    findings.add(Hardware.memory(machine));
    findings.add(Hardware.governor(machine));
    findings.addAll(Hardware.heat(machine));
    findings.add(Surroundings.writable("cache", cache));
    findings.add(Surroundings.repository(repository));
    findings.add(Surroundings.clock(machine, Instant.now(), THIS_SOFTWARE));
    findings.addAll(Network.wifi(machine));
    findings.add(Network.port("other members", host, port));
    findings.add(Network.port("HTTP", httpHost, httpPort));
    findings.add(Network.port("Prometheus", httpHost, metricsPort));
    for (String seed : seeds) findings.add(Network.member(seed, PATIENCE));
    return findings;
  }
}
