package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Kernels that take the time of a device that is not here: each waits as long as it is told and computes nothing. Its outputs have the
 * true size and are valid memory from the pool, but <b>their values are undefined</b>: what the memory held before. For replaying
 * measured devices through real actors and links, never for inference.
 *
 * <p>A run takes its time from its start to its end, allocation included. Waiting leaves the processor to others; see {@link
 * Pause#precisely}. A lane that stretches its kernels' time ({@code tilestream.lane.speed} below 1) stretches this one too by the wall
 * clock, so a device that is paced has speed 1.
 */
public final class PacedKernels implements Kernels {
  /** What {@link Kernel#backend} says. */
  public static final String BACKEND = "paced";

  private final ToDoubleFunction<Band> seconds;
  private final Pause pause;

  /** @param seconds that a band takes; asked once per kernel. Thread-safe */
  public PacedKernels(ToDoubleFunction<Band> seconds) {
    this(seconds, Pause::precisely);
  }

  PacedKernels(ToDoubleFunction<Band> seconds, Pause pause) {
    this.seconds = Objects.requireNonNull(seconds, "seconds");
    this.pause = Objects.requireNonNull(pause, "pause");
  }

  /** @throws IllegalArgumentException when the band's outputs have no fixed size, or its time is none */
  @Override
  public Kernel create(Band band) {
    double took = seconds.applyAsDouble(band);
    if (!(took >= 0 && took < Long.MAX_VALUE / 1e9))
      throw new IllegalArgumentException("paced kernel: %s s (expected: finite, not negative)".formatted(took));
    for (Rows out : band.outputs()) {
      Tensor tensor = band.graph().tensor(out.tensor());
      if (tensor.dynamic() || tensor.type() == null)
        throw new IllegalArgumentException("paced kernel: output %s has no fixed size (expected: one)".formatted(tensor.name()));
    }
    return new PacedKernel(band, Math.round(took * 1e9));
  }

  @Override
  public void close() {}

  private final class PacedKernel implements Kernel {
    private final Band band;
    private final long nanos;

    PacedKernel(Band band, long nanos) {
      this.band = band;
      this.nanos = nanos;
    }

    @Override
    public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool) {
      return run(inputs, pool, new Halt());
    }

    @Override
    public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool, Halt halt) {
      long start = System.nanoTime();
      Kernel.check(band, inputs);
      List<TensorSlice> outputs = allocate(pool);
      Thread waits = Thread.currentThread();
      halt.by(() -> LockSupport.unpark(waits));
      pause.until(start + nanos, halt);
      halt.over();
      if (!halt.halted()) return outputs;
      outputs.forEach(TensorSlice::release);
      throw new CancellationException("halted: nobody wants its results");
    }

    private List<TensorSlice> allocate(BufferPool pool) {
      List<TensorSlice> outputs = new ArrayList<>();
      try {
        for (Rows out : band.outputs()) {
          Tensor tensor = band.graph().tensor(out.tensor());
          outputs.add(TensorSlice.allocate(pool, tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), out.span()));
        }
        return outputs;
      } catch (RuntimeException e) {
        outputs.forEach(TensorSlice::release);
        throw e;
      }
    }

    @Override
    public String backend() {
      return BACKEND;
    }

    @Override
    public void close() {}
  }
}
