package dev.tilestream.kernel;

import ai.onnxruntime.OnnxTensor;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** A band of several inferences in an ONNX Runtime session whose first dimension is open: inputs one behind the other, and so outputs. */
final class OrtBatchKernel implements BatchKernel {
  private final Band band;
  private final BandModel model;
  private final OrtSessions.Shared shared;
  private final OrtSession session;
  private final OrtEnvironment environment;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** @param shared of the model's {@link BatchForm}; this gives it back */
  OrtBatchKernel(Band band, BandModel model, OrtSessions.Shared shared, OrtEnvironment environment) {
    this.band = band;
    this.model = model;
    this.shared = shared;
    this.session = shared.session();
    this.environment = environment;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) shared.release();
  }

  @Override
  public List<List<TensorSlice>> run(List<List<TensorSlice>> inputs, BufferPool pool) {
    if (closed.get()) throw new IllegalStateException("kernel: closed (expected: open)");
    for (List<TensorSlice> one : inputs) Kernel.check(band, one);
    List<NativeBuffer> memory = new ArrayList<>();
    Map<String, OnnxTensor> given = new HashMap<>();
    Map<String, OnnxTensor> pinned = new HashMap<>();
    Map<String, NativeBuffer> made = new HashMap<>();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      for (int i = 0; i < band.inputs().size(); i++) given.put(model.inputs().get(i), joined(inputs, i, pool, memory));
      for (int i = 0; i < band.outputs().size(); i++) {
        String name = model.outputs().get(i);
        if (made.containsKey(name)) continue;
        Tensor tensor = band.graph().tensor(band.outputs().get(i).tensor());
        Shape one = tensor.shape().with(tensor.axis(), band.outputs().get(i).span().rows());
        NativeBuffer buffer = pool.acquire(Math.multiplyExact(inputs.size(), one.bytes(tensor.type())));
        memory.add(buffer);
        made.put(name, buffer);
        pinned.put(name, tensor(buffer, inputs.size(), one, tensor));
      }
      session.run(given, Set.of(), pinned, options).close();
      return split(inputs.size(), made, pool);
    } catch (OrtException e) {
      throw new KernelFailure("band with outputs %s, %d at once: %s".formatted(model.outputs(), inputs.size(), e.getMessage()), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
      pinned.values().forEach(OnnxTensor::close);
      memory.forEach(NativeBuffer::release);
    }
  }

  private OnnxTensor joined(List<List<TensorSlice>> inputs, int index, BufferPool pool, List<NativeBuffer> memory) throws OrtException {
    TensorSlice first = inputs.get(0).get(index);
    NativeBuffer buffer = pool.acquire(Math.multiplyExact(inputs.size(), first.bytes()));
    memory.add(buffer);
    ByteBuffer bytes = buffer.bytes();
    for (List<TensorSlice> one : inputs) bytes.put(one.get(index).data());
    return tensor(buffer, inputs.size(), first.sliceShape(), band.graph().tensor(first.tensor()));
  }

  private OnnxTensor tensor(NativeBuffer buffer, int count, Shape one, Tensor of) throws OrtException {
    ByteBuffer bytes = buffer.bytes();
    bytes.clear().limit(Math.toIntExact(count * one.bytes(of.type())));
    long[] dims = one.toLongs();
    dims[0] = count;
    return OnnxTensor.createTensor(environment, bytes.slice().order(bytes.order()), dims, OrtTypes.java(of.type()));
  }

  private List<List<TensorSlice>> split(int count, Map<String, NativeBuffer> made, BufferPool pool) {
    List<List<TensorSlice>> all = new ArrayList<>();
    try {
      for (int n = 0; n < count; n++) {
        List<TensorSlice> outputs = new ArrayList<>();
        all.add(outputs);
        for (int i = 0; i < band.outputs().size(); i++) outputs.add(part(made.get(model.outputs().get(i)), n, band.outputs().get(i), pool));
      }
      return all;
    } catch (RuntimeException e) {
      all.forEach(outputs -> outputs.forEach(TensorSlice::release));
      throw e;
    }
  }

  private TensorSlice part(NativeBuffer from, int index, Rows rows, BufferPool pool) {
    Tensor tensor = band.graph().tensor(rows.tensor());
    TensorSlice slice = TensorSlice.allocate(pool, tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), rows.span());
    int bytes = Math.toIntExact(slice.bytes());
    slice.data().put(0, from.bytes(), index * bytes, bytes);
    return slice;
  }
}
