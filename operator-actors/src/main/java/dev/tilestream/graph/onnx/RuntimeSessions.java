package dev.tilestream.graph.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** ONNX Runtime as an optimiser and shape reader: sessions that are made for what they write and closed at once. */
final class RuntimeSessions {
  static final String GRAPH = "graph.onnx";
  static final String WEIGHTS = "weights.bin";

  /** Smaller constants stay in the graph. */
  private static final String EXTERNAL_FROM_BYTES = "256";

  private RuntimeSessions() {}

  /**
   * Writes {@code model} as ONNX Runtime sees it after {@code level} to {@code directory}: {@link #GRAPH} and, when there are constants to
   * put there, {@link #WEIGHTS}.
   *
   * @param model a direct buffer
   * @param externals where the model's own external data lies
   */
  static void rewrite(ByteBuffer model, Path externals, SessionOptions.OptLevel level, Path directory) throws OrtException {
    try (SessionOptions options = new SessionOptions()) {
      options.setOptimizationLevel(level);
      options.setIntraOpNumThreads(1);
      // An arena would keep the weights' memory when the session is long closed.
      options.setCPUArenaAllocator(false);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizedModelFilePath(directory.resolve(GRAPH).toString());
      options.addConfigEntry("session.disable_prepacking", "1");
      options.addConfigEntry("session.optimized_model_external_initializers_file_name", WEIGHTS);
      options.addConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", EXTERNAL_FROM_BYTES);
      options.addConfigEntry("session.model_external_initializers_file_folder_path", externals.toString());
      OrtSession session = OrtEnvironment.getEnvironment().createSession(model, options);
      session.close();
    }
  }

  /** ONNX Runtime's message without its code and source position. */
  static String reason(OrtException e) {
    return e.getMessage()
        .replaceFirst("^Error code - \\S+ - message: ", "")
        .replaceAll("/\\S+\\.(cc|h):\\d+ [^:]*(::[^:]*)* ?", "")
        .strip();
  }
}
