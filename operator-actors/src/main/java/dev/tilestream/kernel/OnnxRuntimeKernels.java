package dev.tilestream.kernel;

import dev.tilestream.graph.Band;

/** Every band through ONNX Runtime. */
final class OnnxRuntimeKernels implements Kernels {
  private final OrtSessions sessions;

  OnnxRuntimeKernels(int threads) {
    sessions = new OrtSessions(threads);
  }

  @Override
  public OnnxRuntimeKernel create(Band band) {
    return create(band, BandModel.of(band));
  }

  OnnxRuntimeKernel create(Band band, BandModel model) {
    return new OnnxRuntimeKernel(band, model, sessions.acquire(model), sessions.environment());
  }

  /** Sessions open now. */
  int sessions() {
    return sessions.size();
  }

  @Override
  public void close() {
    sessions.close();
  }
}
