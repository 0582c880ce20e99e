package dev.tilestream.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import dev.tilestream.fault.FaultOutcome.Latencies;
import java.util.List;

/**
 * Inferences one after the other while the rate of the air follows a trace.
 *
 * @param ground where
 * @param sides the trace as it is, and without its outages
 */
record TraceResult(String ground, List<Side> sides) {
  /**
   * @param name as it is printed
   * @param localMillis the source's own latency, median
   * @param latencies of right answers, as ratios to that
   * @param lost without an answer, or with an error
   * @param switchesPerMinute how often another plan took over
   */
  record Side(String name, double localMillis, Latencies latencies, int lost, int wrong, double switchesPerMinute) {}

  TraceResult {
    sides = List.copyOf(sides);
  }

  boolean good() {
    return sides.stream().allMatch(s -> s.lost == 0 && s.wrong == 0);
  }

  String table() {
    TextTable table = new TextTable("trace", "local ms", "requests", "lost", "wrong", "median", "p95", "p99", "max", "switches/min");
    for (Side s : sides)
      table.row(
          s.name, FaultReport.number(1, s.localMillis), "" + (s.latencies.count() + s.lost + s.wrong), "" + s.lost, "" + s.wrong,
          FaultReport.ratio(s.latencies.median()), FaultReport.ratio(s.latencies.p95()), FaultReport.ratio(s.latencies.p99()),
          FaultReport.ratio(s.latencies.max()), FaultReport.number(1, s.switchesPerMinute));
    return table + "\nOn %s. Latencies as ratios to local.\n".formatted(ground);
  }

  void write(ObjectNode to) {
    to.put("ground", ground);
    for (Side s : sides) {
      ObjectNode side = to.putObject(s.name).put("localMs", s.localMillis).put("lost", s.lost).put("wrong", s.wrong);
      FaultReport.write(side, s.latencies);
      side.put("switchesPerMinute", s.switchesPerMinute);
    }
  }
}
