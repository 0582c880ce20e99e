package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.graph.logged.ProfileRefused;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What other systems' authors measured, by series, environment and model. */
public record PublishedFigures(List<Row> rows) {
  /** Nothing known. */
  public static final PublishedFigures NONE = new PublishedFigures(List.of());

  /** Ways to run a model that were measured. */
  public enum Column {
    LOCAL("local"),
    OFFLOAD("offload"),
    /** Least energy under a bound of 1 s. */
    SPSO_GA("spso_ga"),
    /** Least latency of one cut. */
    DSCCS("dsccs"),
    /** The authors' operator-parallel system, with truncated halos. */
    PUBLISHED("published");

    private final String word;

    Column(String word) {
      this.word = word;
    }
  }

  /** Mean milliseconds and joules of one model in one environment; what was not measured is absent. */
  public record Row(String series, String environment, String model, Map<Column, Double> millis, Map<Column, Double> joules) {
    public Row {
      millis = Map.copyOf(millis);
      joules = Map.copyOf(joules);
    }

    /** Mean watts while running that way. */
    Optional<Double> watts(Column column) {
      Double j = joules.get(column);
      Double ms = millis.get(column);
      return j == null || ms == null || ms == 0 ? Optional.empty() : Optional.of(j / ms * 1e3);
    }
  }

  public PublishedFigures {
    rows = List.copyOf(rows);
  }

  /** @throws ProfileRefused when the file is absent or no such table */
  public static PublishedFigures read(Path file) {
    CsvTable table = CsvTable.read(file);
    List<Row> rows = new ArrayList<>();
    for (int r = 0; r < table.size(); r++) {
      Map<Column, Double> millis = new EnumMap<>(Column.class);
      Map<Column, Double> joules = new EnumMap<>(Column.class);
      for (Column c : Column.values()) {
        table.number(r, c.word + "_ms").ifPresent(v -> millis.put(c, v));
        table.number(r, c.word + "_J").ifPresent(v -> joules.put(c, v));
      }
      rows.add(new Row(table.text(r, "artifact"), table.text(r, "environment"), table.text(r, "model"), millis, joules));
    }
    return new PublishedFigures(rows);
  }

  /** @param environment {@code indoors} or {@code outdoors} */
  public Optional<Row> row(LoggedModel model, String environment) {
    return rows.stream().filter(r -> of(r, model) && r.environment.equals(environment)).findFirst();
  }

  /** Of any environment: what does not depend on it. */
  public Optional<Row> any(LoggedModel model) {
    return rows.stream().filter(r -> of(r, model)).findFirst();
  }

  private static boolean of(Row row, LoggedModel model) {
    return row.model.equalsIgnoreCase(model.model()) && row.series.equals(series(model));
  }

  /** The part of a profile's name behind the {@code @}: profiles of different series are different machines. */
  public static String series(LoggedModel model) {
    return model.name().substring(model.name().lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
  }
}
