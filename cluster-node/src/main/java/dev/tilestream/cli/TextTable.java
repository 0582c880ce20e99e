package dev.tilestream.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text under headings, columns as wide as they need to be; numbers stand right. */
public final class TextTable {
  private static final String NUMBER = "[-+]?[\\d.,]+(e[-+]?\\d+)?%?";

  private final List<String[]> rows = new ArrayList<>();
  private final int columns;

  public TextTable(String... headings) {
    columns = headings.length;
    rows.add(headings);
  }

  public TextTable row(String... cells) {
    if (cells.length != columns) throw new IllegalArgumentException("row: %d cells (expected: %d)".formatted(cells.length, columns));
    rows.add(cells);
    return this;
  }

  /** Lines, each ended. */
  @Override
  public String toString() {
    int[] widths = new int[columns];
    for (String[] row : rows) Arrays.setAll(widths, c -> Math.max(widths[c], row[c].length()));
    boolean[] right = new boolean[columns];
    for (int c = 0; c < columns; c++) right[c] = numeric(c);
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String blanks = " ".repeat(widths[c] - row[c].length());
        line.append(right[c] ? blanks + row[c] : row[c] + blanks).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private boolean numeric(int column) {
    return rows.size() > 1 && rows.stream().skip(1).allMatch(row -> row[column].matches(NUMBER));
  }
}
