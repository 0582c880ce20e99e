package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.Packing;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures what {@link Packing} leaves of a graph's tensors, by some rows of each. Of inputs nothing is known before they come: they count
 * as they are. Holds native memory until it is closed.
 */
final class AirShares implements AutoCloseable {
  /** Of a tensor, what is packed to see how well it does: what a link sends at once. */
  private static final long SAMPLE_BYTES = 64 << 10;

  private final double[] shares;
  private final BufferPool pool;
  /** Null where nothing is measured. */
  private final Packing packing;

  /** @param wanted whether links pack; of a graph whose inputs are not noise, nothing is measured all the same */
  AirShares(OperatorGraph graph, BufferPool pool, boolean wanted) {
    this.pool = pool;
    packing = wanted && LiveTensors.fillsWithNoise(graph) ? new Packing() : null;
    shares = new double[graph.tensors().size()];
    Arrays.fill(shares, 1);
  }

  /** Looks at those of {@code tensors} that are live. */
  void measure(LiveTensors live, List<Integer> tensors) {
    if (packing == null) return;
    for (int t : tensors) live.find(t).ifPresent(slice -> shares[t] = share(slice));
  }

  /** From the middle, where a tensor is most like itself. */
  private double share(TensorSlice whole) {
    int rows = whole.span().rows();
    if (whole.bytes() == 0) return 1;
    int some = (int) Math.max(1, Math.min(rows, SAMPLE_BYTES * rows / whole.bytes()));
    int from = whole.span().from() + (rows - some) / 2;
    TensorSlice sample = whole.rows(RowSpan.of(from, from + some));
    try {
      TensorSlice packed = packing.pack(sample, pool).orElse(null);
      if (packed == null) return 1;
      // As exact as it is shared.
      float share = (float) packed.wireBytes() / sample.bytes();
      packed.release();
      return share;
    } finally {
      sample.release();
    }
  }

  /** By tensor id; none where nothing was measured. */
  List<Double> all() {
    List<Double> all = new ArrayList<>();
    if (packing != null) for (double share : shares) all.add(share);
    return all;
  }

  @Override
  public void close() {
    if (packing != null) packing.close();
  }
}
