package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.KernelFailure;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Makes and runs kernels in turns and says how long they took. One for each measurement of a graph; not thread-safe. */
final class KernelTimer {
  /** Runs of a kernel even without budget, as long as they took less than {@link #QUICK_SECONDS} so far. */
  private static final int AT_LEAST = 3;
  private static final double QUICK_SECONDS = 0.05;

  private final Kernels kernels;
  private final BufferPool pool;
  private final Turns turns;
  private final LongSupplier nanoClock;
  private final int repetitions;
  private long spentNanos;

  KernelTimer(Kernels kernels, BufferPool pool, Turns turns, LongSupplier nanoClock, int repetitions) {
    this.kernels = kernels;
    this.pool = pool;
    this.turns = turns;
    this.nanoClock = nanoClock;
    this.repetitions = repetitions;
  }

  /** In all turns so far, the making of kernels included; waiting for turns is not. */
  long spentNanos() {
    return spentNanos;
  }

  private record Took<T>(T result, long nanos) {}

  /** The clock is read on the thread that runs the piece: it may be that thread's processor time. */
  private <T> Took<T> turn(Supplier<T> piece) {
    Took<T> took = turns.take(() -> {
      long start = nanoClock.getAsLong();
      T result = piece.get();
      return new Took<>(result, nanoClock.getAsLong() - start);
    });
    spentNanos += took.nanos;
    return took;
  }

  /** The caller's to close. */
  Kernel create(Band band) {
    return turn(() -> kernels.create(band)).result;
  }

  /** Seconds of one run; NaN when the kernel refuses these inputs. */
  double run(Kernel kernel, List<TensorSlice> inputs) {
    try {
      Took<List<TensorSlice>> run = turn(() -> kernel.run(inputs, pool));
      run.result.forEach(TensorSlice::release);
      return run.nanos * 1e-9;
    } catch (KernelFailure onMadeUpInputs) {
      return Double.NaN;
    }
  }

  /**
   * Least seconds of the band's kernel, what it takes undisturbed: once to warm up, then as often as the settings allow and until about
   * {@code untilNanos} are spent. Quick kernels run a few times whatever the budget says, since the making of a kernel alone may have used
   * it up.
   *
   * @param keep whether its outputs become live
   * @return NaN where that cannot be known: the kernel refuses made-up inputs (axes, sizes and depths that only a real request has
   *     right), or a stage before it did
   */
  double seconds(Band band, LiveTensors live, long untilNanos, boolean keep) {
    if (!live.hasInputs(band)) return Double.NaN;
    List<TensorSlice> inputs = live.inputs(band);
    try (Kernel kernel = turn(() -> kernels.create(band)).result) {
      double least = Double.POSITIVE_INFINITY;
      double spent = 0;
      for (int n = 0; n <= repetitions; n++) {
        boolean quick = n < AT_LEAST && spent < QUICK_SECONDS;
        if (n > 0 && !quick && spentNanos >= untilNanos) break;
        Took<List<TensorSlice>> run;
        try {
          run = turn(() -> kernel.run(inputs, pool));
        } catch (KernelFailure onMadeUpInputs) {
          return Double.NaN;
        }
        if (keep && n == 0) live.put(run.result);
        else run.result.forEach(TensorSlice::release);
        least = Math.min(least, run.nanos * 1e-9);
        spent += run.nanos * 1e-9;
      }
      return least;
    } finally {
      inputs.forEach(TensorSlice::release);
    }
  }
}
