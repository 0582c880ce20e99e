package dev.tilestream.tensor;

import java.util.Optional;

/** Half-open span of rows {@code [from, to)} of a tensor along its split axis; never empty. */
public record RowSpan(int from, int to) implements Comparable<RowSpan> {
  public RowSpan {
    if (from < 0 || to <= from) throw new IllegalArgumentException("rows: [%d, %d) (expected: 0 <= from < to)".formatted(from, to));
  }

  public static RowSpan of(int from, int to) {
    return new RowSpan(from, to);
  }

  /** The first {@code rows} rows. */
  public static RowSpan first(int rows) {
    return new RowSpan(0, rows);
  }

  public int rows() {
    return to - from;
  }

  public boolean contains(RowSpan other) {
    return from <= other.from && other.to <= to;
  }

  public boolean contains(int row) {
    return from <= row && row < to;
  }

  public boolean overlaps(RowSpan other) {
    return from < other.to && other.from < to;
  }

  /** Rows in both. */
  public Optional<RowSpan> intersection(RowSpan other) {
    int f = Math.max(from, other.from);
    int t = Math.min(to, other.to);
    return f < t ? Optional.of(new RowSpan(f, t)) : Optional.empty();
  }

  /** Smallest span that holds both. */
  public RowSpan hull(RowSpan other) {
    return new RowSpan(Math.min(from, other.from), Math.max(to, other.to));
  }

  public RowSpan shift(int rows) {
    return new RowSpan(from + rows, to + rows);
  }

  @Override
  public int compareTo(RowSpan other) {
    return from != other.from ? Integer.compare(from, other.from) : Integer.compare(to, other.to);
  }

  // A record's own ones are slow until they are compiled, and planners look spans up by the thousand as soon as they start.
  @Override
  public boolean equals(Object o) {
    return o instanceof RowSpan s && from == s.from && to == s.to;
  }

  @Override
  public int hashCode() {
    return 31 * from + to;
  }

  @Override
  public String toString() {
    return "[" + from + ", " + to + ")";
  }
}
