package dev.tilestream.kernel;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's one environment per process. Whoever asks first with several threads gives it a pool of them that all sessions share;
 * otherwise every session of every tile would have threads of its own.
 *
 * @param sharedThreads of the environment's pool; 1 when it has none
 */
record OrtRuntime(OrtEnvironment environment, int sharedThreads) {
  private static final Logger LOG = LoggerFactory.getLogger(OrtRuntime.class);
  private static OrtRuntime made;

  static synchronized OrtRuntime with(int threads) {
    boolean first = made == null;
    if (threads > 1 && (first || made.sharedThreads == 1)) made = pooled(threads);
    if (made == null) made = new OrtRuntime(OrtEnvironment.getEnvironment(), 1);
    if (first) keep();
    return made;
  }

  /**
   * Takes one more reference to the environment, for good. ONNX Runtime's Java face gives its own back as soon as the process begins to
   * end, beside all other shutdown hooks; sessions being made or run at that moment would use memory that is freed. The environment counts
   * its references and goes with the process then.
   */
  private static void keep() {
    try {
      Field api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
      Method create = OrtEnvironment.class.getDeclaredMethod("createHandle", long.class, int.class, String.class);
      api.setAccessible(true);
      create.setAccessible(true);
      create.invoke(null, api.getLong(null), OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING.getValue(), "tilestream");
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.warn("ONNX Runtime: its environment ends before what uses it when the process stops: {}", e.toString());
    }
  }

  private static OrtRuntime pooled(int threads) {
    try (OrtEnvironment.ThreadingOptions options = new OrtEnvironment.ThreadingOptions()) {
      options.setGlobalIntraOpNumThreads(threads);
      options.setGlobalInterOpNumThreads(1);
      // A node's processors are shared with actors and the network: an idle kernel must not burn them.
      options.setGlobalSpinControl(false);
      return new OrtRuntime(OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, "tilestream", options), threads);
    } catch (IllegalStateException e) {
      LOG.debug("ONNX Runtime: its environment was there before ({}); sessions have threads of their own", e.getMessage());
      return new OrtRuntime(OrtEnvironment.getEnvironment(), 1);
    } catch (OrtException e) {
      throw new KernelFailure("ONNX Runtime: no pool of %d threads: %s".formatted(threads, e.getMessage()), e);
    }
  }

  /** Whether sessions that want {@code threads} find them in the shared pool. */
  boolean sharesThreads(int threads) {
    return threads > 1 && threads == sharedThreads;
  }
}
