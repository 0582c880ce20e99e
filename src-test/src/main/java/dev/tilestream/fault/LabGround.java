package dev.tilestream.fault;

import dev.tilestream.node.NodeSettings.Role;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Namespaces of {@code deploy/wifi-lab}: everything that nodes say to each other crosses one shaped air and meets its faults, heartbeats too.
 * Needs root.
 */
public final class LabGround implements Ground {
  private static final int AKKA_PORT = 25520;
  private static final int HTTP_PORT = 8000;
  private static final int METRICS_PORT = 9095;

  private final WifiLab lab;
  private final List<Place> places;
  private final Optional<Path> trace;
  private final Random random;
  private Process following;

  private LabGround(WifiLab lab, List<Place> places, Optional<Path> trace, Random random) {
    this.lab = lab;
    this.places = List.copyOf(places);
    this.trace = trace;
    this.random = random;
  }

  /** Why there is no lab on this machine; empty: there is. */
  public static Optional<String> absence() {
    return WifiLab.absence();
  }

  /** @param directory where the trace goes */
  public static LabGround open(Air air, long seed, Path directory) throws IOException {
    WifiLab lab = WifiLab.up(NAMES, air.rate());
    List<Place> places = new ArrayList<>();
    for (String name : NAMES) {
      URI http = URI.create("http://%s:%d".formatted(lab.say("wire", name), HTTP_PORT));
      Role role = name.startsWith("edge") ? Role.EDGE : Role.ROBOT;
      places.add(new Place(name, role, lab.say("address", name), AKKA_PORT, http, METRICS_PORT, lab.command("exec", name), List.of(), ""));
    }
    Optional<Path> trace = Optional.empty();
    if (air.trace().isPresent()) {
      trace = Optional.of(Files.createDirectories(directory).resolve("air.csv"));
      air.trace().get().write(trace.get());
    }
    return new LabGround(lab, places, trace, new Random(seed));
  }

  @Override
  public String word() {
    return "wifi-lab";
  }

  @Override
  public boolean anyFault() {
    return true;
  }

  @Override
  public List<Place> places() {
    return places;
  }

  @Override
  public Strike cut(FaultKind kind, String victim) throws InterruptedException {
    String source = NAMES.get(0);
    boolean sourceSilent = random.nextBoolean();
    long from = System.nanoTime();
    switch (kind) {
      case OUTAGE -> lab.say("outage", victim);
      case BLACKHOLE, MUTE -> lab.say("blackhole", sourceSilent ? source : victim, sourceSilent ? victim : source);
      case PARTITION, SPLIT -> lab.say("partition", source, String.join(",", NAMES.subList(1, NAMES.size())));
      default -> throw new IllegalArgumentException("fault: %s (expected: one of the air)".formatted(kind.word()));
    }
    try {
      TimeUnit.NANOSECONDS.sleep(kind.length().toNanos());
    } finally {
      lab.say("heal");
    }
    return new Strike(victim, from, System.nanoTime());
  }

  @Override
  public synchronized void go() {
    trace.ifPresent(file -> following = lab.start("trace", file.toAbsolutePath().toString()));
  }

  @Override
  public synchronized void close() {
    if (following != null) following.destroy();
    lab.close();
  }
}
