package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import dev.tilestream.plan.Strategy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One network over links of one rate, strategies side by side.
 *
 * @param switches how often hybrid took another plan until then
 */
record LiveResult(String model, String rate, Map<Strategy, Side> sides, long switches) {
  /**
   * @param measuredMs median
   * @param predictedMs what the node expected, median
   * @param plan the last one's
   */
  record Side(double measuredMs, double predictedMs, String plan, List<String> devices) {
    Side {
      devices = List.copyOf(devices);
    }
  }

  LiveResult {
    sides = new EnumMap<>(sides);
  }

  /** Hybrid's median over the least median of the others. */
  double ratio() {
    return sides.get(Strategy.HYBRID).measuredMs / others(false);
  }

  /** What was promised of that. */
  double promisedRatio() {
    return sides.get(Strategy.HYBRID).predictedMs / others(true);
  }

  private double others(boolean predicted) {
    return sides.entrySet().stream().filter(e -> e.getKey() != Strategy.HYBRID).map(Map.Entry::getValue)
        .mapToDouble(s -> predicted ? s.predictedMs : s.measuredMs).min().orElse(Double.NaN);
  }

  static String table(List<LiveResult> results) {
    if (results.isEmpty()) return "";
    List<String> columns = new ArrayList<>(List.of("model", "rate"));
    results.get(0).sides.keySet().forEach(s -> columns.add(s.word()));
    columns.addAll(List.of("hybrid/best", "promised", "switches"));
    TextTable table = new TextTable(columns.toArray(String[]::new));
    for (LiveResult r : results) {
      List<String> cells = new ArrayList<>(List.of(r.model, r.rate));
      r.sides.values().forEach(s -> cells.add("%s (%s)".formatted(number(1, s.measuredMs), number(1, s.predictedMs))));
      cells.addAll(List.of(number(3, r.ratio()), number(3, r.promisedRatio()), "" + r.switches));
      table.row(cells.toArray(String[]::new));
    }
    double worst = results.stream().mapToDouble(LiveResult::ratio).max().orElse(Double.NaN);
    return table + "\nMedians in ms (as predicted). Hybrid at worst %s x the best other strategy.\n".formatted(number(3, worst));
  }

  static String json(List<LiveResult> results) {
    var rows = new ObjectMapper().createArrayNode();
    for (LiveResult r : results) {
      ObjectNode row = rows.addObject().put("model", r.model).put("rate", r.rate).put("ratio", r.ratio());
      row.put("promisedRatio", r.promisedRatio()).put("switches", r.switches);
      ObjectNode strategies = row.putObject("strategies");
      r.sides.forEach((s, side) -> {
        ObjectNode entry = strategies.putObject(s.word());
        entry.put("measuredMs", side.measuredMs).put("predictedMs", side.predictedMs).put("plan", side.plan);
        side.devices.forEach(entry.putArray("devices")::add);
      });
    }
    return rows + "\n";
  }

  private static String number(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
