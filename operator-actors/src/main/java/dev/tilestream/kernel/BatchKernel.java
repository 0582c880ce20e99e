package dev.tilestream.kernel;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;

/** Computes one band for several inferences in one call. */
public interface BatchKernel extends AutoCloseable {
  /**
   * @param inputs of each inference, as {@link Kernel#run(List, BufferPool)} takes them; read only, copied once, still owned by the caller
   * @return the outputs of each, as that gives them; copied once; owned by the caller
   */
  List<List<TensorSlice>> run(List<List<TensorSlice>> inputs, BufferPool pool);

  /** Frees native memory. Not while a run is under way. */
  @Override
  void close();
}
