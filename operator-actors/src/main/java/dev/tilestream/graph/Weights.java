package dev.tilestream.graph;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The constants of a model: one file, mapped read-only. Small constants may live in the graph itself.
 */
public interface Weights extends AutoCloseable {
  /** Raw little-endian bytes of a constant tensor, a read-only direct view; valid until {@link #close}. */
  ByteBuffer bytes(int constantTensor);

  /** Directory that ONNX's {@code external_data} locations are relative to, so that ONNX Runtime maps the same file. */
  Path directory();

  /** Unmaps. */
  @Override
  void close();

  /** Whether values can be computed with them; of a graph made of a log, kernels only take their time. */
  default boolean known() {
    return true;
  }
}
