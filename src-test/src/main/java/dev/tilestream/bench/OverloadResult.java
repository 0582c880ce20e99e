package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * What an overloaded robot did.
 *
 * @param peakPerSecond answers a second, by as many requests at once as gave most
 * @param afterPerSecond the same when the overload was over: what else this machine had to do shows in the difference
 * @param factor how many times that was asked for
 * @param alike streams that all asked for as much
 * @param flood the first asked for all of it, the others for half of their fair share
 */
record OverloadResult(
    String model, String strategy, double peakPerSecond, double afterPerSecond, double factor, List<StreamTally> alike, List<StreamTally> flood) {
  OverloadResult {
    alike = List.copyOf(alike);
    flood = List.copyOf(flood);
  }

  static double perSecond(List<StreamTally> streams) {
    return streams.stream().mapToDouble(StreamTally::answeredPerSecond).sum();
  }

  /** Answers a second under overload, of those at the peak; the worse of both cases. */
  double kept() {
    return Math.min(perSecond(alike), perSecond(flood)) / peakPerSecond;
  }

  String table() {
    return "%s by %s: at most %s answers a second before, %s after%n%n".formatted(
        model, strategy, number(peakPerSecond), number(afterPerSecond))
        + part("All streams ask for too much, together %s x the peak".formatted(number(factor)), alike)
        + part("The first asks for %s x the peak, the others for half of their share".formatted(number(factor)), flood)
        + "At least %s %% of the peak is kept.%n".formatted(number(100 * kept()));
  }

  private String part(String title, List<StreamTally> streams) {
    TextTable table = new TextTable(
        "stream", "asked/s", "answered/s", "share", "p50 ms", "p95 ms", "p99 ms", "refused", "p50 ms", "p99 ms", "Retry-After", "unsent");
    double all = perSecond(streams);
    for (StreamTally s : streams)
      table.row(
          s.name(), number(s.askedPerSecond()), number(s.answeredPerSecond()), number(100 * s.answeredPerSecond() / all) + " %",
          number(s.answeredMillis(0.5)), number(s.answeredMillis(0.95)), number(s.answeredMillis(0.99)), s.refused().toString(),
          number(s.refusedMillis(0.5)), number(s.refusedMillis(0.99)), s.retryAfterSeconds() + " s", "" + s.unsentRequests());
    return "%s: %s answers a second, %s %% of the peak%n%s%n".formatted(title, number(all), number(100 * all / peakPerSecond), table);
  }

  String json() {
    ObjectNode document = new ObjectMapper().createObjectNode()
        .put("model", model).put("strategy", strategy).put("peakPerSecond", peakPerSecond)
        .put("afterPerSecond", afterPerSecond).put("factor", factor).put("kept", kept());
    write(document.putArray("alike"), alike);
    write(document.putArray("flood"), flood);
    return document + "\n";
  }

  private static void write(ArrayNode array, List<StreamTally> streams) {
    for (StreamTally s : streams) {
      ObjectNode entry = array.addObject()
          .put("stream", s.name()).put("askedPerSecond", s.askedPerSecond()).put("answeredPerSecond", s.answeredPerSecond())
          .put("p50Ms", s.answeredMillis(0.5)).put("p95Ms", s.answeredMillis(0.95)).put("p99Ms", s.answeredMillis(0.99))
          .put("refusedP50Ms", s.refusedMillis(0.5)).put("refusedP99Ms", s.refusedMillis(0.99))
          .put("retryAfterSeconds", s.retryAfterSeconds()).put("unsent", s.unsentRequests());
      ObjectNode refused = entry.putObject("refused");
      s.refused().forEach((status, count) -> refused.put(Integer.toString(status), count));
    }
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }
}
