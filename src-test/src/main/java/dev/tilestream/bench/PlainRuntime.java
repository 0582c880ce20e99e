package dev.tilestream.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** ONNX Runtime as anyone would use it: one session, all optimisations, inputs made once. */
final class PlainRuntime implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  /** The tensors point into these. */
  private final Map<String, Value> memory;

  PlainRuntime(Path model, int threads, Map<String, Value> inputs) throws OrtException {
    memory = Map.copyOf(inputs);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(model.toString(), options);
    }
    for (Map.Entry<String, Value> e : memory.entrySet()) this.inputs.put(e.getKey(), Oracle.tensor(e.getValue()));
  }

  void run() throws OrtException {
    session.run(inputs).close();
  }

  @Override
  public void close() throws OrtException {
    inputs.values().forEach(OnnxTensor::close);
    session.close();
  }
}
