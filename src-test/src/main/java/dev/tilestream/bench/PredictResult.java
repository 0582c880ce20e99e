package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.Quantiles;
import dev.tilestream.cli.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * One network by one strategy over links of one rate.
 *
 * @param predictedMs what the node expected, median of the answers
 * @param measuredMs its latency, median of the answers
 * @param p95Ms of the measured ones
 */
record PredictResult(String model, String rate, String strategy, List<String> devices, double predictedMs, double measuredMs, double p95Ms, int n) {
  PredictResult {
    devices = List.copyOf(devices);
  }

  /** How far the prediction is off, as a share of what was measured; negative when too hopeful. */
  double error() {
    return error(predictedMs, measuredMs);
  }

  /** See {@link #error()}. */
  static double error(double predicted, double measured) {
    return predicted / measured - 1;
  }

  /** The smallest error that at least {@code share} of the results do not exceed, whatever its sign. */
  static double errorQuantile(List<PredictResult> results, double share) {
    return errorQuantile(results.stream().mapToDouble(PredictResult::error), share);
  }

  /** Likewise of such errors. */
  static double errorQuantile(DoubleStream errors, double share) {
    return Quantiles.quantile(errors.map(Math::abs).toArray(), share);
  }

  static String table(List<PredictResult> results) {
    TextTable table = new TextTable("model", "rate", "strategy", "devices", "predictedMs", "measuredMs", "p95Ms", "error");
    for (PredictResult r : results)
      table.row(
          r.model, r.rate, r.strategy, String.join("+", r.devices), one(r.predictedMs), one(r.measuredMs), one(r.p95Ms), percent(r.error()));
    return table + "\nMedians. Error of the prediction: median %s, p95 %s of %d.\n"
        .formatted(percent(errorQuantile(results, 0.5)), percent(errorQuantile(results, 0.95)), results.size());
  }

  static String json(List<PredictResult> results) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    var rows = root.putArray("results");
    for (PredictResult r : results) {
      ObjectNode row = rows.addObject().put("model", r.model).put("rate", r.rate).put("strategy", r.strategy);
      r.devices.forEach(row.putArray("devices")::add);
      row.put("predictedMs", r.predictedMs).put("measuredMs", r.measuredMs).put("p95Ms", r.p95Ms).put("n", r.n).put("error", r.error());
    }
    root.put("medianError", errorQuantile(results, 0.5)).put("p95Error", errorQuantile(results, 0.95));
    return root + "\n";
  }

  private static String one(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }
}
