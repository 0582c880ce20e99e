package dev.tilestream.cli.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tilestream.cli.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Results for people, for programs and for a picture. */
public record ExperimentReport(List<ExperimentResult> results) {
  private static final String NONE = "";

  public ExperimentReport {
    results = List.copyOf(results);
  }

  public String table() {
    TextTable table = new TextTable(
        "profile", "trace", "strategy", "exact", "mean ms", "median ms", "p95 ms", "joules", "kB over the air", "n", "authors' ms",
        "authors' J");
    for (ExperimentResult r : results)
      table.row(
          r.profile(), r.trace(), r.strategy(), r.exact() ? "yes" : "no", fixed(1, r.meanMs()), fixed(1, r.medianMs()), fixed(1, r.p95Ms()),
          fixed(3, r.joules()), fixed(1, r.bytes() / 1e3), Integer.toString(r.n()), fixed(1, r.published()), fixed(3, r.publishedJoules()));
    return table.toString();
  }

  /** {@code [{"profile","trace","strategy","exact","meanMs","medianMs","p95Ms","joules","bytes","n"}]}. */
  public String json() {
    ArrayNode all = new ObjectMapper().createArrayNode();
    for (ExperimentResult r : results)
      all.addObject()
          .put("profile", r.profile()).put("trace", r.trace()).put("strategy", r.strategy()).put("exact", r.exact())
          .put("meanMs", rounded(r.meanMs())).put("medianMs", rounded(r.medianMs())).put("p95Ms", rounded(r.p95Ms()))
          .put("joules", rounded(r.joules())).put("bytes", r.bytes()).put("n", r.n());
    return all.toString();
  }

  /** The table's columns, values as precise as they are. */
  public String csv() {
    StringBuilder csv = new StringBuilder(
        "profile,trace,strategy,exact,mean_ms,median_ms,p95_ms,joules,bytes,n,published_ms,published_joules\n");
    for (ExperimentResult r : results)
      csv.append(String.join(",",
          r.profile(), r.trace(), r.strategy(), Boolean.toString(r.exact()),
          fixed(3, r.meanMs()), fixed(3, r.medianMs()), fixed(3, r.p95Ms()), fixed(4, r.joules()), Long.toString(r.bytes()),
          Integer.toString(r.n()), fixed(2, r.published()), fixed(4, r.publishedJoules())))
          .append('\n');
    return csv.toString();
  }

  /**
   * Writes {@code <name>.csv} and {@code <name>.svg}.
   *
   * @param directory is there
   */
  public void write(Path directory, String name) throws IOException {
    Files.writeString(directory.resolve(name + ".csv"), csv());
    Files.writeString(directory.resolve(name + ".svg"), new ExperimentPlot(results).svg());
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private static String fixed(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String fixed(int digits, OptionalDouble value) {
    return value.isPresent() ? fixed(digits, value.getAsDouble()) : NONE;
  }
}
