package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.logged.ProfileRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** A small table of comma-separated values: a head line, no quotes. */
final class CsvTable {
  private static final long MAX_BYTES = 64L << 20;

  private final String name;
  private final List<String> head;
  private final List<String[]> rows;

  private CsvTable(String name, List<String> head, List<String[]> rows) {
    this.name = name;
    this.head = head;
    this.rows = rows;
  }

  /** @throws ProfileRefused when the file is absent or too big, or a row has another number of cells than the head */
  static CsvTable read(Path file) {
    try {
      if (!Files.isRegularFile(file)) throw new ProfileRefused(file + ": no such file");
      if (Files.size(file) > MAX_BYTES)
        throw new ProfileRefused("%s: %,d bytes (expected: at most %,d)".formatted(file, Files.size(file), MAX_BYTES));
      return parse(file.getFileName().toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ProfileRefused("%s: can't be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  static CsvTable parse(String name, String text) {
    List<String[]> lines = text.lines().filter(l -> !l.isBlank()).map(l -> l.split(",", -1)).toList();
    if (lines.size() < 2) throw new ProfileRefused(name + ": empty (expected: a head line and at least one row)");
    List<String> head = Arrays.stream(lines.get(0)).map(String::strip).toList();
    for (int r = 1; r < lines.size(); r++)
      if (lines.get(r).length != head.size())
        throw new ProfileRefused("%s, row %d: %d cells (expected: %d, %s)".formatted(name, r, lines.get(r).length, head.size(), head));
    return new CsvTable(name, head, lines.subList(1, lines.size()));
  }

  int size() {
    return rows.size();
  }

  String text(int row, String column) {
    int at = head.indexOf(column);
    if (at < 0) throw new ProfileRefused("%s: columns %s (expected: %s among them)".formatted(name, head, column));
    return rows.get(row)[at].strip();
  }

  /** Empty when the cell is. */
  OptionalDouble number(int row, String column) {
    String text = text(row, column);
    if (text.isEmpty()) return OptionalDouble.empty();
    try {
      double value = Double.parseDouble(text);
      if (!Double.isFinite(value)) throw new NumberFormatException("not finite");
      return OptionalDouble.of(value);
    } catch (NumberFormatException e) {
      throw new ProfileRefused("%s, row %d: %s is %s (expected: a number)".formatted(name, row + 1, column, text), e);
    }
  }
}
