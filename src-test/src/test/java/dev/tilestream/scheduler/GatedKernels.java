package dev.tilestream.scheduler;

import dev.tilestream.graph.Band;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Real kernels behind a gate that a test may close, so that inferences stand where it wants them; counts those that are open. */
final class GatedKernels implements Kernels {
  final AtomicInteger open = new AtomicInteger();
  /** Those that are closed again included. */
  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger arrived = new AtomicInteger();
  private final Kernels real;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile RuntimeException failure;

  GatedKernels(Kernels real) {
    this.real = real;
  }

  /** Runs that come from now on wait. */
  void shut() {
    gate = new CountDownLatch(1);
  }

  void letThrough() {
    gate.countDown();
  }

  /** Runs fail from now on. */
  void breakDown(RuntimeException how) {
    failure = how;
  }

  /** They don't any more. */
  void mend() {
    failure = null;
  }

  @Override
  public Kernel create(Band band) {
    Kernel kernel = real.create(band);
    open.incrementAndGet();
    opened.incrementAndGet();
    return new Kernel() {
      @Override
      public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool) {
        arrived.incrementAndGet();
        try {
          gate.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        if (failure != null) throw failure;
        return kernel.run(inputs, pool);
      }

      @Override
      public String backend() {
        return kernel.backend();
      }

      @Override
      public void close() {
        kernel.close();
        open.decrementAndGet();
      }
    };
  }

  @Override
  public void close() {
    real.close();
  }
}
