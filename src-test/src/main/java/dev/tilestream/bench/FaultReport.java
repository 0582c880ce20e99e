package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import dev.tilestream.fault.FaultOutcome;
import dev.tilestream.fault.FaultOutcome.Latencies;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code bench faults} prints. */
final class FaultReport {
  private FaultReport() {}

  static String table(List<FaultOutcome> outcomes, Optional<TraceResult> trace) {
    StringBuilder text = new StringBuilder();
    if (!outcomes.isEmpty()) {
      TextTable table = new TextTable(
          "fault", "times", "hit", "kept", "requests", "lost", "wrong", "calm", "median", "p95", "p99", "max", "struck max", "worst ms", "bound ms",
          "beyond");
      for (FaultOutcome o : outcomes)
        table.row(
            o.kind().word(), "" + o.times(), "" + o.hits(), o.kind().mayRemove() ? "-" : "" + o.kept(),
            "" + o.requests(), "" + o.lost(), "" + o.wrong(),
            ratio(o.calm().median()), ratio(o.touched().median()), ratio(o.touched().p95()), ratio(o.touched().p99()), ratio(o.touched().max()),
            ratio(o.struck().max()), number(0, o.worstMillis()), number(0, o.yardstick().boundMillis()), "" + o.beyond());
      text.append(table).append("""

          On %s. Latencies as ratios to the source's own under the same load: calm is the median without faults, median to max are of requests
          under way during a fault, struck of those under way when one began. Hit: faults whose victim was computing for the source. Kept: faults
          after which the victim was a member as before. Beyond: requests that took longer than the bound, which is local time + margin.
          """.formatted(outcomes.get(0).ground()));
    }
    trace.ifPresent(t -> text.append(text.isEmpty() ? "" : "\n").append(t.table()));
    return text.toString();
  }

  static String json(List<FaultOutcome> outcomes, Optional<TraceResult> trace) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    var rows = root.putArray("faults");
    for (FaultOutcome o : outcomes) {
      ObjectNode row = rows.addObject().put("fault", o.kind().word()).put("ground", o.ground()).put("times", o.times()).put("hit", o.hits());
      row.put("kept", o.kept()).put("requests", o.requests()).put("lost", o.lost()).put("wrong", o.wrong());
      o.why().forEach(row.putArray("why")::add);
      row.put("localMs", o.yardstick().localMillis()).put("boundMs", o.yardstick().boundMillis());
      row.put("beyond", o.beyond()).put("worstMs", o.worstMillis()).put("good", o.good());
      write(row.putObject("calm"), o.calm());
      write(row.putObject("struck"), o.struck());
      write(row.putObject("touched"), o.touched());
    }
    trace.ifPresent(t -> t.write(root.putObject("trace")));
    return root + "\n";
  }

  static void write(ObjectNode to, Latencies ratios) {
    to.put("n", ratios.count());
    if (ratios.count() > 0) to.put("median", ratios.median()).put("p95", ratios.p95()).put("p99", ratios.p99()).put("max", ratios.max());
  }

  static String ratio(double value) {
    return number(2, value);
  }

  static String number(int digits, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
