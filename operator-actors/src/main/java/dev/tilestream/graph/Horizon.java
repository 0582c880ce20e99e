package dev.tilestream.graph;

import dev.tilestream.tensor.RowSpan;

/**
 * How far a band sees along the split axis. Exact bands see every row that they need. A truncated one sees its share of each tensor's
 * rows and {@code halo} rows more on either side, as the split of Hybrid-Parallel (arXiv 2405.19257) does; to its convolutions and pools
 * the rows beyond are padding: zeros for Conv, nothing for MaxPool, counted by AveragePool or not as its attribute says. Operators that
 * have no padding (resizes, slices, concatenations, global ones) go on seeing all that they need.
 *
 * @param from where the share begins, in [0, 1)
 * @param to where it ends, in (0, 1]
 * @param halo rows of the model's input beyond the share; of a tensor with fewer rows in proportion, rounded up. -1: exact
 */
public record Horizon(double from, double to, int halo) {
  /** {@link #halo} of a band that sees everything. */
  public static final int UNLIMITED = -1;

  /** More rows of halo than this are not worth asking for. */
  public static final int MOST = 4096;

  public static final Horizon EXACT = new Horizon(0, 1, UNLIMITED);

  public Horizon {
    if (!(from >= 0 && from < to && to <= 1))
      throw new IllegalArgumentException("horizon: share [%s, %s) (expected: 0 <= from < to <= 1)".formatted(from, to));
    if (halo < UNLIMITED) throw new IllegalArgumentException("horizon: halo %d (expected: at least 0, or -1 for exact)".formatted(halo));
  }

  /** A share without neighbours, or one with an unlimited halo, sees everything. */
  public static Horizon of(double from, double to, int halo) {
    return halo == UNLIMITED || from == 0 && to == 1 ? EXACT : new Horizon(from, to, halo);
  }

  public boolean unlimited() {
    return halo == UNLIMITED;
  }

  /** Rows of {@code tensor} within sight, at least one: its share, rounded as plans round shares, and the halo. */
  RowSpan visible(OperatorGraph graph, Tensor tensor) {
    long rows = tensor.rows();
    if (unlimited()) return tensor.all();
    long whole = 1;
    for (int t : graph.inputs()) whole = Math.max(whole, graph.tensor(t).rows());
    long more = (halo * rows + whole - 1) / whole;
    long first = Math.min(Math.max(0, Math.round(from * rows) - more), rows - 1);
    long end = Math.min(rows, Math.round(to * rows) + more);
    return new RowSpan((int) first, (int) Math.max(end, first + 1));
  }

  /**
   * Rows of a window operator's input that there are, for making {@code out}: those within sight. Where that would leave a window of what
   * is in sight of its output, or of {@code out}, with nothing to look at, also the rows around which these windows lie. So what a row of
   * the share becomes does not depend on which others are made with it, unless an operator without padding asks for rows that see nothing.
   */
  RowSpan real(OperatorGraph graph, Operator operator, RowMap.Window window, RowSpan out) {
    RowSpan real = visible(graph, graph.tensor(operator.inputs().get(0)));
    if (unlimited()) return real;
    int made = operator.outputs().stream().filter(t -> t >= 0).findFirst().orElseThrow();
    for (RowSpan rows : new RowSpan[] {visible(graph, graph.tensor(made)), out})
      if (!window.sees(rows, real)) real = real.hull(window.centres(rows));
    return real;
  }
}
