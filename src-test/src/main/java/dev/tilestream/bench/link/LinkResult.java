package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * A line of one rate, filled with tensors.
 *
 * @param line which one
 * @param bytesPerSecond of the line
 * @param idle round trips of small messages without tensors
 * @param stream those beside tensors, and what was delivered and measured
 * @param queues at the bottleneck as the kernel tells, seconds: median and 95th percentile; NaN over an emulated air
 * @param plain round trips beside a plain TCP stream; missing over an emulated air
 */
record LinkResult(String line, String rate, double bytesPerSecond, JsonNode idle, JsonNode stream, double[] queues, JsonNode plain) {
  double goodput() {
    return stream.path("bytesPerSecond").asDouble();
  }

  double share() {
    return goodput() / bytesPerSecond;
  }

  static String table(List<LinkResult> results) {
    TextTable table = new TextTable(
        "rate", "goodput Mbit/s", "share", "estimate", "deviation", "idle ms", "p95", "loaded ms", "p95", "queue ms", "p95", "heartbeat s",
        "plain TCP", "loaded ms", "p95");
    for (LinkResult r : results)
      table.row(
          r.rate, number(r.goodput() * 8e-6, 1), percent(r.share()), percent(r.stream.path("estimated").asDouble() / r.bytesPerSecond),
          percent(r.stream.path("deviation").asDouble()), millis(r.idle, "pingMedian"), millis(r.idle, "pingP95"),
          millis(r.stream, "pingMedian"), millis(r.stream, "pingP95"), queue(r.queues[0]), queue(r.queues[1]),
          number(r.stream.path("heartbeatPause").asDouble(), 2), number(r.plain.path("bytesPerSecond").asDouble(Double.NaN) * 8e-6, 1),
          millis(r.plain, "pingMedian"), millis(r.plain, "pingP95"));
    return table + "\n" + results.stream().map(LinkResult::line).distinct().reduce("Line:", (a, b) -> a + " " + b)
        + ".\nEstimate: what the link believes of the rate, as a share of the line's. Heartbeats are due every second.\n";
  }

  static String json(List<LinkResult> results) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    var rows = root.putArray("results");
    for (LinkResult r : results) {
      ObjectNode row = rows.addObject().put("line", r.line).put("rate", r.rate).put("share", r.share());
      row.set("idle", r.idle);
      row.set("stream", r.stream);
      if (!Double.isNaN(r.queues[0])) row.put("bottleneckMedian", r.queues[0]).put("bottleneckP95", r.queues[1]);
      if (!r.plain.isMissingNode()) row.set("plain", r.plain);
    }
    return root + "\n";
  }

  private static String millis(JsonNode node, String field) {
    return queue(node.path(field).asDouble(Double.NaN));
  }

  private static String queue(double seconds) {
    return number(seconds * 1e3, 1);
  }

  static String number(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  static String percent(double share) {
    return number(share * 100, 1) + "%";
  }
}
