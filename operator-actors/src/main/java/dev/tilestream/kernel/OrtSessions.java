package dev.tilestream.kernel;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ONNX Runtime sessions by the hash of their model, counted: bands with equal models share one. Thread-safe. */
final class OrtSessions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OrtSessions.class);
  /** For a session that is being made: a large one takes seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final OrtRuntime runtime;
  private final Map<String, Shared> open = new HashMap<>();
  private final int threads;
  private int underWay;
  private boolean closed;

  OrtSessions(int threads) {
    this.threads = threads;
    this.runtime = OrtRuntime.with(threads);
  }

  /** A session that others may use too; whoever acquires it releases it. */
  final class Shared {
    private final BandModel model;
    private int users;
    private final Map<String, OnnxTensor> weights = new HashMap<>();
    private OrtSession session;
    /** Null until somebody asked. */
    private Optional<byte[]> batchForm;

    private Shared(BandModel model) {
      this.model = model;
    }

    /** The session, made at the first call. */
    synchronized OrtSession session() {
      if (session == null) session = create(model, weights);
      return session;
    }

    /** Whether several inferences can be computed together. */
    synchronized boolean groups() {
      if (batchForm == null) batchForm = BatchForm.of(model.bytes());
      return batchForm.isPresent();
    }

    /** What computes several at once, as {@link OrtSessions#acquire} gives it. Only where there is such a form, see {@link #groups}. */
    Shared several() {
      if (!groups()) throw new IllegalStateException("kernel: nothing is computed together (expected: one with a group)");
      return acquire(model.of(batchForm.orElseThrow()));
    }

    String hash() {
      return model.hash();
    }

    void release() {
      synchronized (open) {
        if (--users > 0) return;
        open.remove(model.hash());
      }
      close();
    }

    private synchronized void close() {
      try {
        if (session != null) session.close();
      } catch (OrtException e) {
        throw new KernelFailure("session: not closed: " + e.getMessage(), e);
      } finally {
        session = null;
        weights.values().forEach(OnnxTensor::close);
        weights.clear();
      }
    }
  }

  OrtEnvironment environment() {
    return runtime.environment();
  }

  Shared acquire(BandModel model) {
    Shared shared;
    synchronized (open) {
      if (closed) throw new KernelFailure("kernels: closed (expected: no more bands, the node stops)", null);
      underWay++;
      shared = open.computeIfAbsent(model.hash(), h -> new Shared(model));
      shared.users++;
    }
    try {
      shared.session();
      return shared;
    } catch (KernelFailure e) {
      shared.release();
      throw e;
    } finally {
      synchronized (open) {
        underWay--;
        open.notifyAll();
      }
    }
  }

  /** Sessions open now. */
  int size() {
    synchronized (open) {
      return open.size();
    }
  }

  private boolean awaitNone() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (underWay > 0 && end - System.nanoTime() > 0) TimeUnit.NANOSECONDS.timedWait(open, end - System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return underWay == 0;
  }

  /** @param weights is filled with what the session reads in place: to be closed after it, by the caller, whether this fails or not */
  private OrtSession create(BandModel model, Map<String, OnnxTensor> weights) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      if (runtime.sharesThreads(threads)) options.disablePerSessionThreads();
      else options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      // A block for the pattern would be kept beside what the first run took: 12 MB a session instead of 7, as fast (ultraface).
      options.setMemoryPatternOptimization(false);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      // A node's threads are shared with actors and the network: an idle kernel must not burn them.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      if (!model.repack()) options.addConfigEntry("session.disable_prepacking", "1");
      // All sessions read the one mapping of the graph: each would map the file by itself otherwise.
      for (Map.Entry<String, BandModel.Weight> e : model.mapped().entrySet()) weights.put(e.getKey(), wrap(e.getValue()));
      for (Map.Entry<String, OnnxTensor> e : weights.entrySet()) options.addInitializer(e.getKey(), e.getValue());
      if (model.weights() != null)
        options.addConfigEntry("session.model_external_initializers_file_folder_path", model.weights().toString());
      return runtime.environment().createSession(model.bytes(), options);
    } catch (OrtException e) {
      throw new KernelFailure("band with outputs %s: ONNX Runtime refused it: %s".formatted(model.outputs(), e.getMessage()), e);
    }
  }

  private OnnxTensor wrap(BandModel.Weight weight) throws OrtException {
    return OnnxTensor.createTensor(runtime.environment(), weight.bytes(), weight.shape().toLongs(), OrtTypes.java(weight.type()));
  }

  /** Makes no more, and waits for those that are being made; what does not end in time, or came too late, ends with the process. */
  @Override
  public void close() {
    synchronized (open) {
      closed = true;
      boolean late = underWay > 0;
      if (late && !awaitNone()) {
        LOG.warn("{} sessions are still being made after {}; they end with the process", underWay, PATIENCE);
        return;
      }
      if (late && !open.isEmpty()) LOG.debug("{} sessions came too late to be closed", open.size());
      else if (!open.isEmpty()) throw new IllegalStateException("kernels: %d sessions still in use (expected: none)".formatted(open.size()));
    }
  }
}
