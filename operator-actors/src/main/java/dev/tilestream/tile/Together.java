package dev.tilestream.tile;

import dev.tilestream.kernel.BatchKernel;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inferences of one kernel's group, computed together where that pays. The kernel for several is made beside the lane, when two first wait at
 * once; its first results are compared with those of the kernel for one, and where they differ nothing is computed together. Thread-safe.
 */
final class Together {
  private static final Logger LOG = LoggerFactory.getLogger(Together.class);

  private enum State {
    UNASKED,
    COMING,
    UNPROVEN,
    GOOD,
    NONE
  }

  private final Executor background;
  private final GroupSize sizes;
  /** Of the kernels for one: while one of them is open, so is the one for several. */
  private final List<KernelLease> leases = new ArrayList<>();
  private State state = State.UNASKED;
  private BatchKernel several;

  /** @param first the caller holds it */
  Together(KernelLease first, LaneSettings settings, Executor background) {
    this.background = background;
    leases.add(first);
    sizes = new GroupSize(settings.batch(), settings.turn().toNanos());
  }

  /** One more kernel, which the caller holds; false: the group is over. */
  synchronized boolean join(KernelLease lease) {
    leases.removeIf(l -> !l.open());
    if (leases.isEmpty()) return false;
    leases.add(lease);
    return true;
  }

  /** Closes the kernel for several when none for one is open any more; whether that is so. */
  boolean closeUnused() {
    BatchKernel closing;
    synchronized (this) {
      leases.removeIf(l -> !l.open());
      if (!leases.isEmpty()) return false;
      closing = several;
      several = null;
      state = State.NONE;
    }
    if (closing != null) closing.close();
    return true;
  }

  /** Whether it may make sense to look how many wait. */
  synchronized boolean wants() {
    return state != State.NONE && state != State.COMING;
  }

  /** How many of so many that wait should be computed in one run now. The caller is about to run one of the group. */
  synchronized int size(int waiting) {
    if (waiting < 2 || !wants()) return 1;
    int size = sizes.of(waiting);
    if (size == 1 || state != State.UNASKED) return size;
    leases.stream().filter(KernelLease::acquire).findFirst().ifPresent(this::ask);
    return 1;
  }

  private void ask(KernelLease held) {
    state = State.COMING;
    try {
      background.execute(() -> make(held));
    } catch (RuntimeException e) {
      LOG.debug("a band is not computed together: the node stops", e);
      state = State.NONE;
      // Not here: closing a kernel must not happen under this lock, nor the lane's.
      new Thread(held::release, "tilestream-groups").start();
    }
  }

  private void make(KernelLease held) {
    try {
      BatchKernel made = held.kernel().together();
      synchronized (this) {
        several = made;
        state = State.UNPROVEN;
      }
    } catch (RuntimeException | Error e) {
      LOG.info("a band is not computed together: {}", e.toString());
      end();
    } finally {
      held.release();
    }
  }

  /** One took so long by itself. */
  synchronized void took(long nanos) {
    sizes.took(1, nanos);
  }

  /**
   * The outputs of each, owned by the caller; empty: they must be computed each by itself. The caller holds a lease of one of the group.
   *
   * @param single computes one
   */
  Optional<List<List<TensorSlice>>> run(Kernel single, List<List<TensorSlice>> inputs, BufferPool pool) {
    BatchKernel kernel;
    boolean proven;
    synchronized (this) {
      kernel = several;
      proven = state == State.GOOD;
    }
    if (kernel == null) return Optional.empty();
    try {
      long start = System.nanoTime();
      List<List<TensorSlice>> outputs = kernel.run(inputs, pool);
      long took = System.nanoTime() - start;
      if (!proven) return proven(single, inputs, outputs, pool);
      measured(inputs.size(), took);
      return Optional.of(outputs);
    } catch (BufferPool.Exhausted e) {
      // It needs everything twice; one after the other may do with less.
      return Optional.empty();
    } catch (RuntimeException e) {
      LOG.warn("a band is not computed together any more", e);
      end();
      return Optional.empty();
    }
  }

  private synchronized void measured(int size, long nanos) {
    if (Integer.bitCount(size) == 1) sizes.took(size, nanos);
  }

  /** What the kernel for one makes of the same, if it is that. */
  private Optional<List<List<TensorSlice>>> proven(
      Kernel single, List<List<TensorSlice>> inputs, List<List<TensorSlice>> made, BufferPool pool) {
    boolean same = true;
    try {
      for (int i = 0; i < inputs.size() && same; i++) {
        List<TensorSlice> right = single.run(inputs.get(i), pool);
        for (int o = 0; o < right.size(); o++) same = same && same(right.get(o), made.get(i).get(o));
        right.forEach(TensorSlice::release);
      }
    } catch (RuntimeException | Error e) {
      release(made);
      throw e;
    }
    if (!same) {
      release(made);
      LOG.warn("a band computes something else for several inferences at once; it is not computed together");
      end();
      return Optional.empty();
    }
    // Of equal inputs, what mixes them up makes the same.
    if (differ(inputs)) prove();
    return Optional.of(made);
  }

  private synchronized void prove() {
    if (state == State.UNPROVEN) state = State.GOOD;
  }

  private static boolean differ(List<List<TensorSlice>> inputs) {
    for (int i = 1; i < inputs.size(); i++)
      for (int t = 0; t < inputs.get(i).size(); t++) if (!inputs.get(i).get(t).data().equals(inputs.get(0).get(t).data())) return true;
    return false;
  }

  private static boolean same(TensorSlice right, TensorSlice made) {
    ByteBuffer r = right.data();
    ByteBuffer m = made.data();
    DataType type = right.type();
    int elements = r.limit() / type.bytes();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < elements; i++) {
      double x = type.element(r, i);
      double y = type.element(m, i);
      if (Double.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      if (Double.compare(x, y) == 0 || x == y) continue;
      difference = Math.max(difference, Double.isFinite(x - y) ? Math.abs(x - y) : Double.POSITIVE_INFINITY);
    }
    return difference <= tolerance(type) * largest;
  }

  /** Of the largest value: rounding differs with the order of sums, and with the digits that a type has. */
  private static double tolerance(DataType type) {
    return switch (type) {
      case FLOAT16 -> 2e-3;
      case BFLOAT16 -> 1.6e-2;
      default -> 1e-4;
    };
  }

  private void end() {
    synchronized (this) {
      state = State.NONE;
      sizes.never();
    }
  }

  private static void release(List<List<TensorSlice>> slices) {
    slices.forEach(one -> one.forEach(TensorSlice::release));
  }
}
