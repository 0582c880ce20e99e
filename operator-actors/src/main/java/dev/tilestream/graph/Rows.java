package dev.tilestream.graph;

import dev.tilestream.tensor.RowSpan;

/** A span of rows of one tensor. */
public record Rows(int tensor, RowSpan span) {
  // As for RowSpan: a record's own ones are slow until they are compiled.
  @Override
  public boolean equals(Object o) {
    return o instanceof Rows r && tensor == r.tensor && span.equals(r.span);
  }

  @Override
  public int hashCode() {
    return 31 * tensor + span.hashCode();
  }
}
