package dev.tilestream.tile;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The time of a compute lane that no tile wants. A piece of other work runs on the lane's thread behind all tiles that wait, once the lane
 * has been unused for a moment; on a lane that is never unused, pieces get a small part of its time. Blocks the caller: for one thread,
 * not an actor's.
 */
public final class SpareTime {
  /** Shorter pauses are those between the tiles of one inference. */
  private static final long QUIET_NANOS = 20_000_000;
  /** On a busy lane, pieces wait this many times what the last one took ... */
  private static final int YIELD = 10;
  /** ... but not longer than this. */
  private static final long LONGEST_NANOS = 5_000_000_000L;
  private static final long POLL_NANOS = 2_000_000;

  /** A piece that tiles have kept from running for so long goes before them. */
  private static final long STARVED_NANOS = 2_000_000_000L;

  private final ComputeLane lane;
  private final long starvedNanos;
  private long lastTookNanos;
  private long lastEndNanos = System.nanoTime();

  public SpareTime(ComputeLane lane) {
    this(lane, STARVED_NANOS);
  }

  SpareTime(ComputeLane lane, long starvedNanos) {
    this.lane = lane;
    this.starvedNanos = starvedNanos;
  }

  /** Waits until no tile has wanted the lane for a moment, at most so long; whether that is so. */
  public boolean quiet(long patienceNanos) {
    return await(() -> patienceNanos, System.nanoTime());
  }

  private boolean await(LongSupplier patienceNanos, long since) {
    while (lane.idleNanos() < QUIET_NANOS) {
      if (lane.closed()) throw new CancellationException("the lane is closed");
      if (System.nanoTime() - since >= patienceNanos.getAsLong()) return false;
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  /**
   * What {@code piece} returns or throws, run on the lane's thread.
   *
   * @throws CancellationException when the lane is closed
   */
  public <T> T take(Supplier<T> piece) {
    await(() -> Math.min(LONGEST_NANOS, YIELD * lastTookNanos), lastEndNanos);
    Piece<T> job = new Piece<>(piece);
    submit(new Turn(job, Long.MAX_VALUE));
    try {
      return result(job);
    } finally {
      lastTookNanos = job.tookNanos;
      lastEndNanos = System.nanoTime();
    }
  }

  private void submit(Turn turn) {
    while (!lane.submit(turn)) {
      if (lane.closed()) throw new CancellationException("the lane is closed");
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private <T> T result(Piece<T> job) {
    try {
      return job.done.get(starvedNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      submit(new Turn(job, Long.MIN_VALUE));
      return joined(job);
    } catch (ExecutionException e) {
      return joined(job);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static <T> T joined(Piece<T> job) {
    try {
      return job.done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) throw failure;
      if (e.getCause() instanceof Error error) throw error;
      throw e;
    }
  }

  private static final class Piece<T> {
    private final Supplier<T> work;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private T result;
    private Throwable failure;
    private volatile long tookNanos;

    Piece(Supplier<T> work) {
      this.work = work;
    }

    void compute() {
      try {
        result = work.get();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    void finish(long took) {
      tookNanos = took;
      if (failure == null) done.complete(result);
      else done.completeExceptionally(failure);
    }
  }

  /** A place in the lane's queue; a piece may have two, and runs in the one that comes first. */
  private record Turn(Piece<?> piece, long seniority) implements LaneJob {
    @Override
    public long source() {
      return 0;
    }

    @Override
    public int urgency() {
      return Integer.MAX_VALUE;
    }

    @Override
    public boolean spare() {
      return true;
    }

    @Override
    public boolean begin() {
      return piece.claimed.compareAndSet(false, true);
    }

    @Override
    public void compute() {
      piece.compute();
    }

    @Override
    public void finish(long queuedNanos, long startNanos, long endNanos) {
      piece.finish(endNanos - startNanos);
    }
  }
}
