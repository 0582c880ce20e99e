package dev.tilestream.tile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Halt;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Computes bands of a {@link BoxGraph} in plain Java. Refuses a negative first value, so that a failing kernel can be seen. */
final class BoxKernels implements Kernels {
  /** Kernels not yet closed. */
  final AtomicInteger open = new AtomicInteger();

  /** Kernels ever made. */
  final AtomicInteger made = new AtomicInteger();

  /** Kernel runs so far. */
  final AtomicInteger runs = new AtomicInteger();

  /** Runs that ended because nobody wanted them, or not then. */
  final AtomicInteger halted = new AtomicInteger();

  /** Whether runs that wait at the gate can be ended. */
  volatile boolean haltable;

  /** A run takes a permit and gives it back: a test that takes them all holds the lane. */
  final Semaphore gate = new Semaphore(1);

  @Override
  public Kernel create(Band band) {
    open.incrementAndGet();
    made.incrementAndGet();
    return new BoxKernel(band);
  }

  @Override
  public void close() {
    if (open.get() != 0) throw new IllegalStateException("kernels: %d open (expected: none)".formatted(open.get()));
  }

  private final class BoxKernel implements Kernel {
    private final Band band;

    BoxKernel(Band band) {
      this.band = band;
    }

    @Override
    public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool) {
      return run(inputs, pool, new Halt());
    }

    @Override
    public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool, Halt halt) {
      pass(halt);
      runs.incrementAndGet();
      Map<Integer, float[]> values = new HashMap<>();
      for (int i = 0; i < inputs.size(); i++) {
        Rows need = band.inputs().get(i);
        TensorSlice slice = inputs.get(i);
        if (slice.tensor() != need.tensor() || !slice.span().equals(need.span()) || !slice.dense())
          throw new IllegalArgumentException("input: %s (expected: %s, dense)".formatted(slice, need));
        float[] in = new float[(int) slice.sliceShape().elements()];
        slice.data().asFloatBuffer().get(in);
        if (in[0] < 0) throw new IllegalArgumentException("value: %s (expected: not negative)".formatted(in[0]));
        values.put(need.tensor(), in);
      }
      for (int o : band.operators()) box(band.graph().operator(o), values);
      List<TensorSlice> outputs = new ArrayList<>();
      for (Rows out : band.outputs()) outputs.add(slice(out, values.get(out.tensor()), pool));
      return outputs;
    }

    private void pass(Halt halt) {
      halt.by(Thread.currentThread()::interrupt);
      try {
        if (haltable) gate.acquire();
        else gate.acquireUninterruptibly();
        gate.release();
      } catch (InterruptedException e) {
        halted.incrementAndGet();
        throw new CancellationException("halted");
      } finally {
        halt.over();
        Thread.interrupted();
      }
    }

    private void box(Operator operator, Map<Integer, float[]> values) {
      int in = operator.inputs().get(0);
      int out = operator.outputs().get(0);
      RowSpan from = band.rows(in).orElseThrow();
      RowSpan to = band.rows(out).orElseThrow();
      Shape shape = band.graph().tensor(in).shape();
      int columns = shape.dim(3);
      float[] source = values.get(in);
      float[] sink = new float[shape.dim(1) * to.rows() * columns];
      for (int c = 0; c < shape.dim(1); c++)
        for (int r = to.from(); r < to.to(); r++)
          for (int k = Math.max(0, r - 1); k <= Math.min(shape.dim(2) - 1, r + 1); k++)
            for (int x = 0; x < columns; x++)
              sink[(c * to.rows() + r - to.from()) * columns + x] += source[(c * from.rows() + k - from.from()) * columns + x];
      values.put(out, sink);
    }

    private TensorSlice slice(Rows out, float[] values, BufferPool pool) {
      Tensor tensor = band.graph().tensor(out.tensor());
      TensorSlice slice = TensorSlice.allocate(pool, out.tensor(), tensor.type(), tensor.shape(), tensor.axis(), out.span());
      slice.data().asFloatBuffer().put(values);
      return slice;
    }

    @Override
    public String backend() {
      return "java";
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }

  /** All rows of the graph's input, in native memory. */
  static TensorSlice input(Tensor tensor, float[] values, BufferPool pool) {
    TensorSlice slice = TensorSlice.allocate(pool, tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), tensor.all());
    ByteBuffer bytes = slice.data();
    bytes.asFloatBuffer().put(values);
    return slice;
  }

  static float[] values(TensorSlice slice) {
    float[] out = new float[(int) slice.sliceShape().elements()];
    slice.data().asFloatBuffer().get(out);
    return out;
  }
}
