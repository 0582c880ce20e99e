package dev.tilestream.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Requests and faults by the clock that the nodes' logs go by: what was slow, and what the nodes said of it. */
public final class RequestLog {
  private RequestLog() {}

  /** Writes {@code requests.csv} where the fleet's logs are. */
  public static void write(FaultyFleet fleet, List<Asked> asked, List<Inflicted> faults) {
    Instant now = Instant.now();
    long nanos = System.nanoTime();
    Stream<String> requests = asked.stream().map(a -> line(
        now.plusNanos(a.fromNanos() - nanos), a.millis(), a.strategy(), a.outcome().name().toLowerCase(Locale.ROOT), String.join(" ", a.devices())));
    Stream<String> struck = faults.stream().map(f -> line(
        now.plusNanos(f.fromNanos() - nanos), Duration.ofNanos(f.toNanos() - f.fromNanos()).toMillis(), f.kind().word(), "fault", f.victim()));
    Stream<String> rows = Stream.concat(requests, struck).sorted();
    Path file = fleet.directory().resolve("requests.csv");
    try {
      Files.write(file, Stream.concat(Stream.of("began,ms,what,outcome,devices"), rows).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String line(Instant began, double millis, String what, String outcome, String devices) {
    return String.format(Locale.ROOT, "%s,%.1f,%s,%s,%s", began, millis, what, outcome, devices);
  }
}
