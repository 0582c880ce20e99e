package dev.tilestream.graph.logged;

import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;

/** Row maps from logged windows, each checked against the shapes that were logged. */
final class RowMaps {
  private RowMaps() {}

  /** @throws ProfileRefused when the window does not make {@code out}'s rows of {@code in}'s */
  static RowMap of(String where, LoggedWindow w, Tensor in, Tensor out) {
    int rows = in.rows();
    if (w.same()) {
      if (rows == out.rows()) return new RowMap.Same();
      if (rows == 1) return new RowMap.None();
      throw mismatch(where, in, out, rows);
    }
    if (w.upsample() > 1) {
      if (Math.multiplyExact(rows, w.upsample()) != out.rows()) throw mismatch(where, in, out, rows * w.upsample());
      return new RowMap.Blocks(w.upsample(), 1);
    }
    return w.transposed() ? transposed(where, w, in, out) : window(where, w, in, out);
  }

  private static RowMap window(String where, LoggedWindow w, Tensor in, Tensor out) {
    long reach = (w.kernel() - 1L) * w.dilation() + 1;
    long room = in.rows() - w.rowOffset() + 2L * w.padding() - reach;
    long floor = Math.floorDiv(room, w.stride()) + 1;
    long ceiling = -Math.floorDiv(-room, w.stride()) + 1;
    if (out.rows() != floor && out.rows() != ceiling) throw mismatch(where, in, out, floor);
    return new RowMap.Window(w.kernel(), w.stride(), w.dilation(), w.padding() - w.rowOffset(), in.rows());
  }

  /** Output row r is a sum over input rows i and taps k with r = i * stride - padding + k * dilation. */
  private static RowMap transposed(String where, LoggedWindow w, Tensor in, Tensor out) {
    long least = (in.rows() - 1L) * w.stride() - 2L * w.padding() + (w.kernel() - 1L) * w.dilation() + 1;
    if (out.rows() < least || out.rows() >= least + w.stride()) throw mismatch(where, in, out, least);
    int[] from = new int[out.rows()];
    int[] to = new int[out.rows()];
    for (int r = 0; r < out.rows(); r++) {
      int last = -1;
      int first = in.rows();
      for (int k = 0; k < w.kernel(); k++) {
        int at = r + w.padding() - k * w.dilation();
        if (at < 0 || at % w.stride() != 0 || at / w.stride() >= in.rows()) continue;
        first = Math.min(first, at / w.stride());
        last = Math.max(last, at / w.stride());
      }
      from[r] = last < 0 ? 0 : first;
      to[r] = last + 1;
    }
    return new RowMap.Table(from, to);
  }

  private static ProfileRefused mismatch(String where, Tensor in, Tensor out, long expected) {
    return new ProfileRefused("%s: makes %d rows of %d (expected: %d rows of %s)"
        .formatted(where, out.rows(), in.rows(), expected, in.name()));
  }
}
