package dev.tilestream.kernel;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;

/**
 * Computes one {@link dev.tilestream.graph.Band}. Made once per tile, run once per inference; runs of one kernel may overlap only if
 * the compute lane has several threads, so an implementation must be safe for that.
 */
public interface Kernel extends AutoCloseable {
  /**
   * @param inputs dense slices, exactly the band's inputs in their order; read only, still owned by the caller
   * @param pool where the outputs' memory comes from
   * @return dense slices, exactly the band's outputs in their order, each with one reference that the caller owns
   */
  List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool);

  /** {@code nd4j} or {@code onnxruntime}, for the log and the timeline. */
  String backend();

  /** Frees native memory. Not while a run is under way. */
  @Override
  void close();
}
