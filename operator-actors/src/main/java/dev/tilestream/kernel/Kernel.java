package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.Optional;

/**
 * Computes one {@link Band}. Made once per tile, run once per inference; runs of one kernel may overlap only if
 * the compute lane has several threads, so an implementation must be safe for that.
 */
public interface Kernel extends AutoCloseable {
  /**
   * @param inputs dense slices, exactly the band's inputs in their order; read only, still owned by the caller
   * @param pool where the outputs' memory comes from
   * @return dense slices, exactly the band's outputs in their order, each with one reference that the caller owns
   */
  List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool);

  /**
   * The same for a run that may be ended early; those that cannot be run to their end.
   *
   * @throws java.util.concurrent.CancellationException when it was
   */
  default List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool, Halt halt) {
    return run(inputs, pool);
  }

  /**
   * What tells kernels whose inferences can be computed together: equal for equal work. Empty: each is computed by itself. Cheap after the
   * first call.
   */
  default Optional<String> group() {
    return Optional.empty();
  }

  /**
   * A kernel for several inferences of this kernel's {@link #group} at once; the caller closes it. Takes up to seconds.
   *
   * @throws IllegalStateException when there is no group
   */
  default BatchKernel together() {
    throw new IllegalStateException("kernel: %s computes nothing together (expected: one with a group)".formatted(backend()));
  }

  /** {@code nd4j} or {@code onnxruntime}, for the log and the timeline. */
  String backend();

  /** @throws IllegalArgumentException when {@code inputs} are not exactly what the band needs */
  static void check(Band band, List<TensorSlice> inputs) {
    if (inputs.size() != band.inputs().size())
      throw new IllegalArgumentException("kernel: %d inputs (expected: %d)".formatted(inputs.size(), band.inputs().size()));
    for (int i = 0; i < inputs.size(); i++) {
      TensorSlice slice = inputs.get(i);
      Rows expected = band.inputs().get(i);
      Tensor tensor = band.graph().tensor(expected.tensor());
      boolean right = slice.tensor() == expected.tensor() && slice.span().equals(expected.span()) && slice.type() == tensor.type();
      if (!right)
        throw new IllegalArgumentException(
            "kernel: %s (expected: tensor %d %s rows %s)".formatted(slice, expected.tensor(), tensor.type(), expected.span()));
    }
  }

  /** Frees native memory. Not while a run is under way. */
  @Override
  void close();
}
