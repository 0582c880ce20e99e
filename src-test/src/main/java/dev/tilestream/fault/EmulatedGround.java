package dev.tilestream.fault;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.node.NodeSettings.Role;
import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * This machine's loopback, with the rate and the delay that nodes emulate for what they send. Needs no root. Tensors, credits and probes meet
 * the faults of the air; what the cluster itself says does not. When the air fails is decided before the nodes start, as the trace that
 * each follows: every some seconds, at random.
 */
public final class EmulatedGround implements Ground {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String DELAY = "1ms";

  private final List<Place> places;
  private final Optional<Outages> outages;
  private final long startNanos;

  private EmulatedGround(List<Place> places, Optional<Outages> outages, long startNanos) {
    this.places = List.copyOf(places);
    this.outages = outages;
    this.startNanos = startNanos;
  }

  /**
   * @param faults of what kind the air's will be; empty: none
   * @param directory where traces go
   */
  public static EmulatedGround open(Air air, Optional<FaultKind> faults, long seed, Path directory) throws IOException {
    Optional<Outages> outages = faults.filter(FaultKind::ofTheAir).map(kind -> Outages.of(kind, seed));
    long startMillis = System.currentTimeMillis();
    long startNanos = System.nanoTime();
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<Place> places = new ArrayList<>();
      for (int i = 0; i < NAMES.size(); i++) {
        int node = i;
        Optional<RateTrace> trace = outages.map(o -> o.trace(node, air.rate())).or(air::trace);
        places.add(place(NAMES.get(i), held, air.rate(), trace, startMillis, directory));
      }
      return new EmulatedGround(places, outages, startNanos);
    } finally {
      for (ServerSocket socket : held) socket.close();
    }
  }

  private static Place place(String name, List<ServerSocket> held, LinkRate rate, Optional<RateTrace> trace, long startMillis, Path directory)
      throws IOException {
    Role role = name.startsWith("edge") ? Role.EDGE : Role.ROBOT;
    int port = free(held);
    URI http = URI.create("http://%s:%d".formatted(LOOPBACK, free(held)));
    String settings = "";
    if (trace.isPresent()) {
      Path file = Files.createDirectories(directory).resolve("air-of-" + name + ".csv");
      trace.get().write(file);
      settings = """
          tilestream.link.emulated-trace { file = "%s", start-epoch-millis = %d }
          """.formatted(file.toAbsolutePath().toString().replace("\\", "\\\\"), startMillis);
    }
    // A rate on the command line would take the trace's place.
    List<String> options = trace.isPresent() ? List.of("--delay", DELAY) : List.of("--rate", rate.toString(), "--delay", DELAY);
    return new Place(name, role, LOOPBACK, port, http, free(held), List.of(), options, settings);
  }

  /** Held until all are found, so that no two are the same. */
  private static int free(List<ServerSocket> held) throws IOException {
    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK));
    held.add(socket);
    return socket.getLocalPort();
  }

  @Override
  public String word() {
    return "emulated links";
  }

  @Override
  public boolean anyFault() {
    return false;
  }

  @Override
  public List<Place> places() {
    return places;
  }

  /** Waits for the next time that the traces have it, whoever it hits. */
  @Override
  public Strike cut(FaultKind kind, String victim) throws InterruptedException {
    String expected = outages.map(o -> o.kind().word()).orElse("none of the air");
    Outages planned = outages.filter(o -> o.kind() == kind).orElseThrow(() ->
        new IllegalArgumentException("fault: %s (expected: %s, as these links were made for)".formatted(kind.word(), expected)));
    Outages.Window window = planned.after((System.nanoTime() - startNanos) / 1e9);
    long from = startNanos + (long) (window.fromSecond() * 1e9);
    long to = from + kind.length().toNanos();
    TimeUnit.NANOSECONDS.sleep(to - System.nanoTime());
    return new Strike(NAMES.get(window.node()), from, to);
  }

  /** Traces run from the nodes' start. */
  @Override
  public void go() {}

  @Override
  public void close() {}
}
