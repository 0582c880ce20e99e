package dev.tilestream.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import dev.tilestream.fault.FaultOutcome.Latencies;
import java.util.List;

/**
 * Inferences one after the other while the rate of the air follows a trace. The source's own take turns with the others: what their latencies
 * swing by is the machine's doing.
 *
 * @param ground where
 * @param sides the trace as it is, and without its outages, each strategy by itself
 */
record TraceResult(String ground, List<Side> sides) {
  /**
   * @param name of the trace as it is printed
   * @param strategy of these requests
   * @param localMillis the source's own latency, median
   * @param latencies of right answers, as ratios to that
   * @param lost without an answer, or with an error
   * @param switchesPerMinute how often another plan of that strategy took over
   */
  record Side(String name, String strategy, double localMillis, Latencies latencies, int lost, int wrong, double switchesPerMinute) {}

  TraceResult {
    sides = List.copyOf(sides);
  }

  boolean good() {
    return sides.stream().allMatch(s -> s.lost == 0 && s.wrong == 0);
  }

  String table() {
    TextTable table = new TextTable("trace", "strategy", "local ms", "requests", "lost", "wrong", "median", "p95", "p99", "max", "switches/min");
    for (Side s : sides)
      table.row(
          s.name, s.strategy, FaultReport.number(1, s.localMillis), "" + (s.latencies.count() + s.lost + s.wrong), "" + s.lost, "" + s.wrong,
          FaultReport.ratio(s.latencies.median()), FaultReport.ratio(s.latencies.p95()), FaultReport.ratio(s.latencies.p99()),
          FaultReport.ratio(s.latencies.max()), FaultReport.number(1, s.switchesPerMinute));
    return table + "\nOn %s. Latencies as ratios to the median of local.\n".formatted(ground);
  }

  void write(ObjectNode to) {
    to.put("ground", ground);
    for (Side s : sides) {
      ObjectNode trace = to.has(s.name) ? (ObjectNode) to.get(s.name) : to.putObject(s.name);
      ObjectNode side = trace.putObject(s.strategy).put("localMs", s.localMillis).put("lost", s.lost).put("wrong", s.wrong);
      FaultReport.write(side, s.latencies);
      side.put("switchesPerMinute", s.switchesPerMinute);
    }
  }
}
