package dev.tilestream.scheduler.plan;

import dev.tilestream.tensor.RowSpan;

/** Rows taken piece by piece, from the first up or from the last down: {@code edges[c]} is how far the chunks up to c get. */
final class Chunks {
  private final RowSpan span;
  private final boolean down;
  private final int[] edges;

  Chunks(RowSpan span, boolean down, int[] edges) {
    this.span = span;
    this.down = down;
    this.edges = edges;
  }

  /** {@code n} chunks, the first c of which have the share (c / n)^skew. */
  static Chunks even(RowSpan span, boolean down, int n, double skew) {
    int[] edges = new int[n];
    for (int c = 0; c < n; c++) {
      int so = (int) Math.round(span.rows() * (skew == 1 ? (c + 1) / (double) n : Math.pow((c + 1) / (double) n, skew)));
      edges[c] = down ? span.to() - so : span.from() + so;
    }
    return new Chunks(span, down, edges);
  }

  int size() {
    return edges.length;
  }

  boolean down() {
    return down;
  }

  int edge(int c) {
    return edges[c];
  }

  /** Chunk c; null when it has no row. */
  RowSpan piece(int c) {
    int start = c == 0 ? down ? span.to() : span.from() : edges[c - 1];
    return down ? span(edges[c], start) : span(start, edges[c]);
  }

  /** Chunks up to c together; null when they have no row. */
  RowSpan upTo(int c) {
    return down ? span(edges[c], span.to()) : span(span.from(), edges[c]);
  }

  private static RowSpan span(int from, int to) {
    return from < to ? new RowSpan(from, to) : null;
  }
}
