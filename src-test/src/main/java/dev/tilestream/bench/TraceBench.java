package dev.tilestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.cli.Quantiles;
import dev.tilestream.client.NodeClient;
import dev.tilestream.fault.Air;
import dev.tilestream.fault.Asked;
import dev.tilestream.fault.FaultOutcome.Latencies;
import dev.tilestream.fault.FaultyFleet;
import dev.tilestream.fault.Ground;
import dev.tilestream.fault.Load;
import dev.tilestream.fault.Questions;
import dev.tilestream.fault.RequestLog;
import dev.tilestream.plan.Strategy;
import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One inference after the other while the air has outages, and while the same air has none. */
final class TraceBench {
  private static final String LOCAL = Strategy.LOCAL.word();
  private static final Duration SETTLING = Duration.ofSeconds(60);
  /** A rate below is an outage. */
  private static final double OUTAGE_MBIT = 5;

  private final FaultOptions options;

  TraceBench(FaultOptions options) {
    this.options = options;
  }

  /** @param seconds of the trace, from its beginning where it is not emulated */
  TraceResult measure(Path file, double seconds, Path directory) throws IOException, InterruptedException {
    List<String> grounds = new ArrayList<>();
    List<TraceResult.Side> sides = new ArrayList<>();
    Path whole = Files.createDirectories(directory).resolve("without-outages.csv");
    Files.write(whole, withoutOutages(Files.readAllLines(file)));
    sides.addAll(sides("as it is", RateTrace.read(file), seconds, directory.resolve("as-it-is"), grounds));
    sides.addAll(sides("without outages", RateTrace.read(whole), seconds, directory.resolve("without"), grounds));
    return new TraceResult(grounds.get(0), sides);
  }

  /** During an outage the rate before it goes on. */
  static List<String> withoutOutages(List<String> lines) {
    List<String> whole = new ArrayList<>(List.of(lines.get(0)));
    String rate = null;
    List<String> rows = lines.stream().skip(1).filter(line -> !line.isBlank()).toList();
    for (String row : rows) {
      String own = row.substring(row.indexOf(',') + 1);
      if (rate == null || Double.parseDouble(own) >= OUTAGE_MBIT) rate = own;
      whole.add(row.substring(0, row.indexOf(',') + 1) + rate);
    }
    return whole;
  }

  private List<TraceResult.Side> sides(String name, RateTrace trace, double seconds, Path directory, List<String> grounds)
      throws IOException, InterruptedException {
    options.progress().say("trace %s: %.0f s", name, seconds);
    return options.with(directory, Air.traced(trace), Optional.empty(), (ground, fleet, questions) -> {
      grounds.add(ground.word());
      return sides(name, seconds, ground, fleet, questions);
    });
  }

  private List<TraceResult.Side> sides(String name, double seconds, Ground ground, FaultyFleet fleet, Questions questions)
      throws InterruptedException {
    NodeClient source = fleet.source().client();
    source.load(questions.model());
    List<String> strategies = Stream.concat(options.strategies().stream(), Stream.of(LOCAL)).distinct().toList();
    try (Load load = Load.start(questions, source, strategies, 1)) {
      if (!load.awaitPlans(SETTLING)) options.progress().say("plans are still being made after %d s", SETTLING.toSeconds());
      ground.go();
      Map<String, Long> switches = switches(source, questions.model());
      int before = load.asked().size();
      TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
      load.close();
      Map<String, Long> switchesAfter = switches(source, questions.model());
      List<Asked> asked = load.asked().subList(before, load.asked().size());
      RequestLog.write(fleet, asked, List.of());
      asked.stream().filter(a -> a.outcome() != Asked.Outcome.RIGHT).map(Asked::why).distinct().forEach(why -> options.progress().say("%s", why));
      double local = Quantiles.median(of(asked, LOCAL).stream().mapToDouble(Asked::millis));
      return strategies.stream().map(strategy -> {
        List<Asked> its = of(asked, strategy);
        long switched = switchesAfter.getOrDefault(strategy, 0L) - switches.getOrDefault(strategy, 0L);
        return new TraceResult.Side(
            name, strategy, local, Latencies.of(its, local), count(its, Asked.Outcome.LOST), count(its, Asked.Outcome.WRONG),
            switched / (seconds / 60));
      }).toList();
    }
  }

  private static List<Asked> of(List<Asked> asked, String strategy) {
    return asked.stream().filter(a -> a.strategy().equals(strategy)).toList();
  }

  private static int count(List<Asked> asked, Asked.Outcome outcome) {
    return (int) asked.stream().filter(a -> a.outcome() == outcome).count();
  }

  /** By strategy, of all goals together. */
  private static Map<String, Long> switches(NodeClient source, String model) throws InterruptedException {
    Map<String, Long> switches = new HashMap<>();
    for (JsonNode goal : source.plans(model).path("goals")) switches.merge(goal.path("strategy").asText(), goal.path("switches").asLong(), Long::sum);
    return switches;
  }
}
