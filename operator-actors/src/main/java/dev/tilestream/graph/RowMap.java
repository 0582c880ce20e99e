package dev.tilestream.graph;

import dev.tilestream.tensor.RowSpan;
import java.util.Arrays;
import java.util.Optional;

/**
 * Which rows of one input a span of output rows depends on: exact, minimal as a span, clipped to the rows that exist. Empty when it
 * depends on none of them (a padded border, another part of a concatenation, a constant without rows along the split axis).
 */
public sealed interface RowMap {
  Optional<RowSpan> inputRows(RowSpan out);

  /** The input has no rows along the split axis (a constant, a broadcast operand): always held whole. */
  record None() implements RowMap {
    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      return Optional.empty();
    }
  }

  /** Row r needs row r. */
  record Same() implements RowMap {
    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      return Optional.of(out);
    }
  }

  /** Every output row needs all {@code rows} input rows, but the operator still makes any span of output rows on its own. */
  record Whole(int rows) implements RowMap {
    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      return Optional.of(RowSpan.first(rows));
    }
  }

  /**
   * A sliding window: output row r sees rows {@code r*stride - padBefore + k*dilation}, k in [0, kernel), of an input of {@code rows}.
   */
  record Window(int kernel, int stride, int dilation, int padBefore, int rows) implements RowMap {
    public Window {
      if (kernel < 1 || stride < 1 || dilation < 1 || rows < 1)
        throw new IllegalArgumentException(
            "window: kernel %d, stride %d, dilation %d, rows %d (expected: all >= 1)".formatted(kernel, stride, dilation, rows));
    }

    /** First row seen, before clipping: negative in the padding. */
    public int first(RowSpan out) {
      return out.from() * stride - padBefore;
    }

    /** One past the last row seen, before clipping: beyond {@code rows} in the padding. */
    public int end(RowSpan out) {
      return (out.to() - 1) * stride - padBefore + (kernel - 1) * dilation + 1;
    }

    /** The same window over an input of which only rows {@code real} exist; rows count from {@code real.from()}. */
    public Window within(RowSpan real) {
      return new Window(kernel, stride, dilation, padBefore + real.from(), real.rows());
    }

    /** Whether every window of {@code out} reaches over one of {@code rows}. */
    boolean sees(RowSpan out, RowSpan rows) {
      int extent = (kernel - 1) * dilation + 1;
      // The first window ends first and the last one begins last.
      return first(out) + extent > rows.from() && end(out) - extent < rows.to();
    }

    /** Rows in the middle of the windows of {@code out}, clipped to the rows that exist. */
    RowSpan centres(RowSpan out) {
      int middle = (kernel - 1) / 2 * dilation;
      int from = Math.min(Math.max(0, first(out) + middle), rows - 1);
      int to = Math.min(Math.max(0, (out.to() - 1) * stride - padBefore + middle), rows - 1);
      return new RowSpan(from, to + 1);
    }

    /**
     * With dilation, rows at the border may be stepped over by every window; the span starts and ends with rows that are seen. So the
     * padding a kernel adds is {@code span.from() - first(out)} and {@code end(out) - span.to()}.
     */
    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      int from = rows;
      int to = 0;
      for (int r = out.from(); r < out.to() && from > 0; r++) {
        int start = r * stride - padBefore;
        int k = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
        if (k < kernel) from = Math.min(from, start + k * dilation);
        if (start >= 0) break;
      }
      for (int r = out.to() - 1; r >= out.from() && to < rows; r--) {
        int last = r * stride - padBefore + (kernel - 1) * dilation;
        int k = last < rows ? 0 : (last - rows) / dilation + 1;
        if (k < kernel) to = Math.max(to, last - k * dilation + 1);
        if (last < rows) break;
      }
      return from < to ? Optional.of(new RowSpan(from, to)) : Optional.empty();
    }
  }

  /** {@code outPer} output rows are made of {@code inPer} input rows (reshapes, space to depth, depth to space): blocks side by side. */
  record Blocks(int outPer, int inPer) implements RowMap {
    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      int from = out.from() / outPer * inPer;
      int to = ((out.to() - 1) / outPer + 1) * inPer;
      if (inPer > outPer && inPer % outPer == 0) {
        int k = inPer / outPer;
        from = out.from() * k;
        to = out.to() * k;
      }
      return Optional.of(new RowSpan(from, to));
    }
  }

  /** Output row r is input row {@code r - before} where that exists (pad, crop, a part of a concatenation along the split axis). */
  record Shifted(int before, int rows) implements RowMap {
    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      int from = Math.max(0, out.from() - before);
      int to = Math.min(rows, out.to() - before);
      return from < to ? Optional.of(new RowSpan(from, to)) : Optional.empty();
    }
  }

  /** Anything else: {@code from[r]} and {@code to[r]} bound the input rows of output row r; {@code from[r] == to[r]} needs none. */
  record Table(int[] from, int[] to) implements RowMap {
    public Table {
      if (from.length != to.length) throw new IllegalArgumentException("table: %d starts, %d ends".formatted(from.length, to.length));
      from = from.clone();
      to = to.clone();
    }

    @Override
    public Optional<RowSpan> inputRows(RowSpan out) {
      int f = Integer.MAX_VALUE;
      int t = 0;
      for (int r = out.from(); r < out.to(); r++) {
        if (from[r] == to[r]) continue;
        f = Math.min(f, from[r]);
        t = Math.max(t, to[r]);
      }
      return f < t ? Optional.of(new RowSpan(f, t)) : Optional.empty();
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Table x && Arrays.equals(from, x.from) && Arrays.equals(to, x.to);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(from) + Arrays.hashCode(to);
    }
  }
}
