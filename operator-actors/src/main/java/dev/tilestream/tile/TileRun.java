package dev.tilestream.tile;

import dev.tilestream.kernel.Halt;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One tile of one inference on the lane: owns its inputs until the kernel has run or the run is cancelled. */
final class TileRun implements LaneJob {
  private static final Logger LOG = LoggerFactory.getLogger(TileRun.class);

  private enum State {
    QUEUED,
    RUNNING,
    OVER
  }

  private final TileTask task;
  private final TileHost host;
  private final InferenceId inference;
  private final long seniority;
  private final List<TensorSlice> inputs;
  private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
  private final Halt halt = new Halt();
  private List<TensorSlice> outputs = List.of();
  private Throwable failure;

  TileRun(TileTask task, TileHost host, InferenceId inference, long seniority, List<TensorSlice> inputs) {
    this.task = task;
    this.host = host;
    this.inference = inference;
    this.seniority = seniority;
    this.inputs = inputs;
  }

  @Override
  public long source() {
    return inference.source();
  }

  @Override
  public long seniority() {
    return seniority;
  }

  @Override
  public int urgency() {
    return task.tile().urgency();
  }

  InferenceId inference() {
    return inference;
  }

  boolean over() {
    return state.get() == State.OVER;
  }

  /** Drops it if it has not started; what is being computed ends as soon as can be and is not sent any more. */
  void cancel() {
    halt.halt();
    if (state.compareAndSet(State.QUEUED, State.OVER)) releaseInputs();
  }

  @Override
  public boolean begin() {
    if (!state.compareAndSet(State.QUEUED, State.RUNNING)) return false;
    if (task.kernel().acquire()) return true;
    state.set(State.OVER);
    releaseInputs();
    return false;
  }

  @Override
  public void compute() {
    try {
      outputs = task.kernel().kernel().run(inputs, host.pool(), halt);
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      releaseInputs();
    }
  }

  @Override
  public Halt halt() {
    return halt;
  }

  @Override
  public long pace(long nanos) {
    return task.pace().of(nanos);
  }

  @Override
  public void finish(long queuedNanos, long startNanos, long endNanos) {
    try {
      if (!halt.halted()) {
        if (failure != null) report();
        else send();
      }
      TileTiming timing = new TileTiming(task.deployment(), task.tile().id(), inference, queuedNanos, startNanos, endNanos);
      host.timings().add(timing, task, failure != null || halt.halted());
    } finally {
      outputs.forEach(TensorSlice::release);
      outputs = List.of();
      task.kernel().release();
      state.set(State.OVER);
    }
  }

  private void send() {
    for (Outgoing o : task.outgoing()) {
      TensorSlice rows = outputs.get(o.output()).rows(o.rows());
      Parcel parcel = new Parcel(task.deployment(), inference, o.address(), o.urgency(), rows);
      boolean sent = host.courier().send(o.device(), parcel, o.precision());
      if (!sent && !o.device().equals(host.device()))
        task.fail(host.device(), inference, SourceEvent.Cause.UNREACHABLE, "no link to " + o.device());
    }
  }

  private void report() {
    boolean exhausted = failure instanceof BufferPool.Exhausted;
    if (!exhausted) LOG.error("tile {} of {}: kernel failed for inference {}", task.tile().id(), task.deployment(), inference, failure);
    task.fail(host.device(), inference, exhausted ? SourceEvent.Cause.EXHAUSTED : SourceEvent.Cause.BROKEN, String.valueOf(failure.getMessage()));
  }

  private void releaseInputs() {
    inputs.forEach(TensorSlice::release);
  }
}
