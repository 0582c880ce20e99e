package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import dev.tilestream.plan.Strategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One network over links of one rate, strategies side by side.
 *
 * @param switches how often hybrid took another plan until then
 */
record LiveResult(String model, String rate, Map<Strategy, Side> sides, long switches) {
  /**
   * @param measuredMs median
   * @param predictedMs what the node expected, median
   * @param plan what most answers were computed by
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
    return sides.get(Strategy.HYBRID).measuredMs / best().measuredMs;
  }

  /** Whether hybrid is not what it is compared with: equal plans are one deployment, and differ by noise alone. */
  boolean distinct() {
    return !sides.get(Strategy.HYBRID).plan.equals(best().plan);
  }

  private Side best() {
    return others().min(Comparator.comparingDouble(Side::measuredMs)).orElseThrow();
  }

  private Stream<Side> others() {
    return sides.entrySet().stream().filter(e -> e.getKey() != Strategy.HYBRID).map(Map.Entry::getValue);
  }

  /** What was promised of that. */
  double promisedRatio() {
    return sides.get(Strategy.HYBRID).predictedMs / others().mapToDouble(Side::predictedMs).min().orElseThrow();
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
      cells.addAll(List.of(number(3, r.ratio()) + (r.distinct() ? "" : " ="), number(3, r.promisedRatio()), "" + r.switches));
      table.row(cells.toArray(String[]::new));
    }
    return table + """

        Medians in ms (as predicted). Hybrid at worst %s x the best other strategy where it has a plan of its own, %s x where both have the
        same (=), which is the noise. The predictions are off by %s %% (median), %s %% (p95).
        """.formatted(number(3, worst(results, true)), number(3, worst(results, false)), number(1, 100 * error(results, 0.5)),
            number(1, 100 * error(results, 0.95)));
  }

  private static double error(List<LiveResult> results, double share) {
    return PredictResult.errorQuantile(
        results.stream().flatMap(r -> r.sides.values().stream()).mapToDouble(s -> PredictResult.error(s.predictedMs, s.measuredMs)), share);
  }

  private static double worst(List<LiveResult> results, boolean distinct) {
    return results.stream().filter(r -> r.distinct() == distinct).mapToDouble(LiveResult::ratio).max().orElse(Double.NaN);
  }

  static String json(List<LiveResult> results) {
    var rows = new ObjectMapper().createArrayNode();
    for (LiveResult r : results) {
      ObjectNode row = rows.addObject().put("model", r.model).put("rate", r.rate).put("ratio", r.ratio()).put("samePlan", !r.distinct());
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
