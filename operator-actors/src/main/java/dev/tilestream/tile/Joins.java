package dev.tilestream.tile;

import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Where the answers of inferences born on this device come together. Rows count whichever deployment they come from, first come first
 * served: a repeated computation may deliver what the planned one did not. Thread-safe.
 */
public final class Joins {
  private final BufferPool pool;
  private final ConcurrentHashMap<InferenceId, Join> open = new ConcurrentHashMap<>();

  public Joins(BufferPool pool) {
    this.pool = pool;
  }

  /**
   * Starts to collect all rows of {@code outputs}, which must not be constants or inputs of the model: nobody sends those.
   *
   * @param wait afterwards it fails with a {@link java.util.concurrent.TimeoutException}
   * @return whole dense slices in the order given, owned by whoever gets them. Completed on the thread that brought the last rows, which
   *     may be the compute lane's: continue elsewhere. Fails with {@link BufferPool.Exhausted} when there is no memory to collect in
   */
  public CompletionStage<List<TensorSlice>> open(InferenceId inference, List<Tensor> outputs, Duration wait) {
    Join join = new Join(outputs, pool);
    if (open.putIfAbsent(inference, join) != null) throw new IllegalStateException("inference " + inference + ": already open");
    join.answer().whenComplete((slices, failure) -> {
      open.remove(inference, join);
      if (failure != null) join.release();
    });
    if (outputs.isEmpty()) join.complete();
    else join.answer().orTimeout(wait.toNanos(), TimeUnit.NANOSECONDS);
    return join.answer().minimalCompletionStage();
  }

  /** Takes the parcel over. False when nobody waits for these rows (any more); they are released then. */
  public boolean offer(Parcel parcel) {
    Join join = open.get(parcel.inference());
    if (join == null) {
      parcel.rows().release();
      return false;
    }
    return join.add(parcel.rows());
  }

  /** Gives up: what was collected is released and the stage fails with {@code reason}. False when it was not open. */
  public boolean close(InferenceId inference, Throwable reason) {
    Join join = open.get(inference);
    return join != null && join.answer().completeExceptionally(reason);
  }

  BufferPool pool() {
    return pool;
  }

  /** Inferences not yet answered. */
  public int size() {
    return open.size();
  }

  private static final class Join {
    private final List<Assembly> outputs;
    private final CompletableFuture<List<TensorSlice>> answer = new CompletableFuture<>();
    private boolean taken;

    Join(List<Tensor> tensors, BufferPool pool) {
      outputs = tensors.stream().map(t -> new Assembly(t, t.all(), pool)).toList();
    }

    CompletableFuture<List<TensorSlice>> answer() {
      return answer;
    }

    boolean add(TensorSlice rows) {
      try {
        boolean wanted = collect(rows);
        complete();
        return wanted;
      } catch (BufferPool.Exhausted | IllegalArgumentException e) {
        answer.completeExceptionally(e);
        return false;
      }
    }

    private synchronized boolean collect(TensorSlice rows) {
      for (Assembly output : outputs)
        if (output.tensor().id() == rows.tensor()) {
          boolean wanted = !output.complete();
          output.add(rows);
          return wanted;
        }
      rows.release();
      return false;
    }

    /**
     * Answers when all is there. Outside of the lock: whoever waits continues on this thread. Meanwhile another may bring rows that came
     * twice, or find the last output complete that this one has found too.
     */
    void complete() {
      List<TensorSlice> all;
      synchronized (this) {
        if (taken || answer.isDone() || !outputs.stream().allMatch(Assembly::complete)) return;
        taken = true;
        all = outputs.stream().map(Assembly::take).toList();
        outputs.forEach(Assembly::release);
      }
      if (!answer.complete(all)) all.forEach(TensorSlice::release);
    }

    synchronized void release() {
      outputs.forEach(Assembly::release);
    }
  }
}
