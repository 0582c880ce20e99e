package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tilestream.cli.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * One network on one device.
 *
 * @param tiles of the strategy {@code local}
 * @param tilestreamMillis median
 * @param onnxRuntimeMillis median, plain ONNX Runtime with all its optimisations
 * @param finestTiles of the finest deployment: one tile per stage
 * @param finestMillis its median
 * @param tileOverheadMicros of the finest deployment, median over runs: latency less kernel time, by tile
 * @param deviation largest, of both deployments, relative to the largest value that ONNX Runtime gives
 */
record LocalResult(
    String model,
    int threads,
    int tiles,
    double tilestreamMillis,
    double onnxRuntimeMillis,
    int finestTiles,
    double finestMillis,
    double tileOverheadMicros,
    double deviation) {
  private static final double TOLERANCE = 1e-4;

  double ratio() {
    return tilestreamMillis / onnxRuntimeMillis;
  }

  /** Whether it computed the same; what is fast and wrong is not fast. */
  boolean correct() {
    return deviation <= TOLERANCE;
  }

  static String table(List<LocalResult> results) {
    TextTable table = new TextTable(
        "model", "threads", "tiles", "tilestreamMs", "onnxRuntimeMs", "ratio", "finestTiles", "finestMs", "finestRatio",
        "tileOverheadMicros", "maxDeviation");
    for (LocalResult r : results)
      table.row(
          r.model, "" + r.threads, "" + r.tiles, two(r.tilestreamMillis), two(r.onnxRuntimeMillis), two(r.ratio()), "" + r.finestTiles,
          two(r.finestMillis), two(r.finestMillis / r.onnxRuntimeMillis), two(r.tileOverheadMicros), String.format(Locale.ROOT, "%.1e", r.deviation));
    return table + "\nMedians. finest: one tile per stage; tileOverheadMicros: its latency less its kernels' time, by tile.\n";
  }

  static String json(List<LocalResult> results) {
    ArrayNode array = new ObjectMapper().createArrayNode();
    for (LocalResult r : results)
      array
          .addObject()
          .put("model", r.model)
          .put("threads", r.threads)
          .put("tilestreamMs", r.tilestreamMillis)
          .put("onnxRuntimeMs", r.onnxRuntimeMillis)
          .put("ratio", r.ratio())
          .put("tileOverheadMicros", r.tileOverheadMicros);
    return array + "\n";
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
