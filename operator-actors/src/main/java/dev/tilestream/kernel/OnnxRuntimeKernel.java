package dev.tilestream.kernel;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A band in an ONNX Runtime session. It reads the inputs' memory and writes the outputs' as they lie in the pool: nothing is copied,
 * except outputs whose shape only the run tells.
 */
final class OnnxRuntimeKernel implements Kernel {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntimeKernel.class);

  private final Band band;
  private final BandModel model;
  private final OrtSessions.Shared shared;
  private final OrtSession session;
  private final OrtEnvironment environment;
  private final AtomicBoolean closed = new AtomicBoolean();

  OnnxRuntimeKernel(Band band, BandModel model, OrtSessions.Shared shared, OrtEnvironment environment) {
    this.band = band;
    this.model = model;
    this.shared = shared;
    this.session = shared.session();
    this.environment = environment;
  }

  @Override
  public String backend() {
    return "onnxruntime";
  }

  @Override
  public Optional<String> group() {
    // Bands at other rows share the model, not the rows.
    boolean grouped = rowsAreBatchless() && shared.groups();
    return grouped ? Optional.of(shared.hash() + band.inputs() + band.outputs()) : Optional.empty();
  }

  /** Rows along the first dimension would be those of a batch themselves; and what only the run tells has no place of its own. */
  private boolean rowsAreBatchless() {
    return Stream.concat(band.inputs().stream(), band.outputs().stream()).map(rows -> band.graph().tensor(rows.tensor()))
        .allMatch(tensor -> tensor.axis() != 0 && !tensor.dynamic() && tensor.shape() != null);
  }

  @Override
  public BatchKernel together() {
    return new OrtBatchKernel(band, model, shared.several(), environment);
  }

  @Override
  public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool) {
    return run(inputs, pool, new Halt());
  }

  @Override
  public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool, Halt halt) {
    if (closed.get()) throw new IllegalStateException("kernel: closed (expected: open)");
    Kernel.check(band, inputs);
    Map<String, OnnxTensor> given = new HashMap<>();
    Map<String, OnnxTensor> pinned = new HashMap<>();
    Map<String, TensorSlice> made = new HashMap<>();
    boolean done = false;
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      for (int i = 0; i < inputs.size(); i++) given.put(model.inputs().get(i), wrap(inputs.get(i)));
      Set<String> dynamic = allocate(pool, pinned, made);
      // ONNX Runtime frees what is in the result; pinned outputs are not, they are closed below.
      try (OrtSession.Result result = run(given, dynamic, pinned, options, halt)) {
        for (String name : dynamic) made.put(name, copy(name, result, pool));
      }
      List<TensorSlice> outputs = handOut(made);
      done = true;
      return outputs;
    } catch (OrtException e) {
      halt.check();
      throw new KernelFailure("band with outputs %s: %s".formatted(model.outputs(), e.getMessage()), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
      pinned.values().forEach(OnnxTensor::close);
      if (!done) made.values().forEach(TensorSlice::release);
    }
  }

  /** Whoever halts it never meets options that are closed. */
  private OrtSession.Result run(
      Map<String, OnnxTensor> given, Set<String> dynamic, Map<String, OnnxTensor> pinned, OrtSession.RunOptions options, Halt halt)
      throws OrtException {
    halt.by(() -> terminate(options));
    try {
      return session.run(given, dynamic, pinned, options);
    } finally {
      halt.over();
    }
  }

  private static void terminate(OrtSession.RunOptions options) {
    try {
      options.setTerminate(true);
    } catch (OrtException e) {
      LOG.warn("kernel: runs on, though nobody wants its results", e);
    }
  }

  private OnnxTensor wrap(TensorSlice slice) throws OrtException {
    return OnnxTensor.createTensor(environment, slice.data(), slice.sliceShape().toLongs(), OrtTypes.java(slice.type()));
  }

  /** Takes memory for outputs of known shape; names of the others. */
  private Set<String> allocate(BufferPool pool, Map<String, OnnxTensor> pinned, Map<String, TensorSlice> made) throws OrtException {
    Set<String> dynamic = new HashSet<>();
    for (int i = 0; i < band.outputs().size(); i++) {
      String name = model.outputs().get(i);
      if (made.containsKey(name) || dynamic.contains(name)) continue;
      Rows rows = band.outputs().get(i);
      Tensor tensor = band.graph().tensor(rows.tensor());
      if (tensor.dynamic()) {
        dynamic.add(name);
        continue;
      }
      TensorSlice slice = TensorSlice.allocate(pool, tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), rows.span());
      made.put(name, slice);
      pinned.put(name, wrap(slice));
    }
    return dynamic;
  }

  /** An output whose shape is only known now, as one indivisible row; copies it. */
  private TensorSlice copy(String name, OrtSession.Result result, BufferPool pool) throws OrtException {
    OnnxValue value = result.get(name).orElseThrow(() -> new IllegalStateException("kernel: no output " + name));
    if (!(value instanceof OnnxTensor tensor))
      throw new IllegalArgumentException("output %s: %s (expected: a tensor)".formatted(name, value.getType()));
    Tensor declared = band.graph().tensor(band.outputs().get(model.outputs().indexOf(name)).tensor());
    Shape shape = Shape.of(tensor.getInfo().getShape());
    NativeBuffer buffer = pool.acquire(shape.bytes(declared.type()));
    ByteBuffer bytes = shape.elements() == 0 ? ByteBuffer.allocate(0) : tensor.getByteBuffer();
    buffer.bytes().put(0, bytes, 0, bytes.limit());
    return TensorSlice.of(declared.id(), declared.type(), shape, -1, TensorSlice.all(shape, -1), buffer);
  }

  private List<TensorSlice> handOut(Map<String, TensorSlice> made) {
    List<TensorSlice> outputs = new ArrayList<>();
    Set<String> given = new HashSet<>();
    for (String name : model.outputs()) {
      TensorSlice slice = made.get(name);
      outputs.add(given.add(name) ? slice : slice.retain());
    }
    return outputs;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) shared.release();
  }
}
