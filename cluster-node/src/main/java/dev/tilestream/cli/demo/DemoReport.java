package dev.tilestream.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import dev.tilestream.cli.demo.StrategyTrial.Result;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a demonstration found. */
public record DemoReport(List<Result> results) {
  /** Every strategy but the published one, which says so, promises what one machine gives, rounding of float32 aside. */
  public static final double TOLERANCE = 1e-4;

  public DemoReport {
    results = List.copyOf(results);
  }

  /** The strategies that claim to be exact and are too far from ONNX Runtime, as a sentence; empty when none is. */
  public Optional<String> fault() {
    String wrong = results.stream()
        .filter(r -> !(r.maxDeviation() <= (r.exact() ? TOLERANCE : Double.MAX_VALUE)))
        .map(r -> "%s by %.3g".formatted(r.strategy(), r.maxDeviation()))
        .collect(Collectors.joining(", "));
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of("answers deviate from ONNX Runtime's: %s of the largest value (expected: at most %.0e)".formatted(wrong, TOLERANCE));
  }

  public String table() {
    TextTable table = new TextTable("strategy", "median ms", "p95 ms", "kB over the air", "exact", "largest deviation", "devices");
    for (Result r : results)
      table.row(
          r.strategy(),
          String.format(Locale.ROOT, "%.1f", r.latencyMedianMs()),
          String.format(Locale.ROOT, "%.1f", r.latencyP95Ms()),
          String.format(Locale.ROOT, "%.1f", r.bytes() / 1e3),
          r.exact() ? "yes" : "no",
          String.format(Locale.ROOT, "%.1e", r.maxDeviation()),
          String.join(" ", r.devices()));
    return table.toString();
  }

  /** {@code {"strategies":[{"strategy","latencyMedianMs","latencyP95Ms","bytes","exact","devices","maxDeviation"}]}}. */
  public String json() {
    ObjectNode document = new ObjectMapper().createObjectNode();
    for (Result r : results) {
      ObjectNode entry = document.withArray("strategies").addObject()
          .put("strategy", r.strategy())
          .put("latencyMedianMs", rounded(r.latencyMedianMs()))
          .put("latencyP95Ms", rounded(r.latencyP95Ms()))
          .put("bytes", r.bytes())
          .put("exact", r.exact());
      r.devices().forEach(entry.putArray("devices")::add);
      // JSON has no infinity; an answer of the wrong shape deviates by more than any number.
      entry.put("maxDeviation", Math.min(r.maxDeviation(), Double.MAX_VALUE));
    }
    return document.toString();
  }

  private static double rounded(double milliseconds) {
    return Math.round(milliseconds * 1000) / 1000.0;
  }
}
