package dev.tilestream.tile;

import dev.tilestream.kernel.Halt;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One tile of one inference on the lane: owns its inputs until it is over. */
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
  private State state = State.QUEUED;
  private boolean cancelled;
  private boolean paused;
  private Halt attempt = new Halt();
  private List<TensorSlice> outputs = List.of();
  private Throwable failure;
  /** Among those that are computed together. */
  private int place;
  private int count = 1;

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

  synchronized boolean over() {
    return state == State.OVER;
  }

  /** Drops it if it has not started; what is being computed ends as soon as can be and is not sent any more. */
  synchronized void cancel() {
    cancelled = true;
    attempt.halt();
    if (state == State.QUEUED) end();
  }

  @Override
  public boolean hedge() {
    return host.ledgers().hedges(inference, task.deployment(), task.tile().id());
  }

  @Override
  public synchronized void pause() {
    if (state != State.RUNNING) return;
    paused = true;
    attempt.halt();
  }

  @Override
  public synchronized boolean again(boolean served) {
    // Some kernels cannot be halted: what is there is there.
    boolean made = served && failure == null;
    if (!paused || cancelled || made) return false;
    releaseOutputs();
    failure = null;
    paused = false;
    attempt = new Halt();
    state = State.QUEUED;
    task.kernel().release();
    return true;
  }

  @Override
  public synchronized boolean begin() {
    if (state != State.QUEUED) return false;
    if (task.kernel().acquire()) {
      state = State.RUNNING;
      return true;
    }
    end();
    return false;
  }

  @Override
  public void compute() {
    long start = System.nanoTime();
    try {
      outputs = task.kernel().kernel().run(inputs, host.pool(), halt());
      task.group().ifPresent(group -> group.took(System.nanoTime() - start));
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  @Override
  public Together group() {
    return task.group().orElse(null);
  }

  @Override
  public void computeWith(List<LaneJob> others) {
    List<TileRun> runs = new ArrayList<>(List.of(this));
    others.forEach(other -> runs.add((TileRun) other));
    for (int i = 0; i < runs.size(); i++) {
      runs.get(i).place = i;
      runs.get(i).count = runs.size();
    }
    Optional<List<List<TensorSlice>>> made = Optional.empty();
    try {
      made = group().run(task.kernel().kernel(), runs.stream().map(run -> run.inputs).toList(), host.pool());
    } catch (RuntimeException | Error e) {
      LOG.error("tile {} of {}: not computed with others", task.tile().id(), task.deployment(), e);
    }
    for (int i = 0; i < runs.size(); i++) {
      if (made.isPresent()) runs.get(i).outputs = made.get().get(i);
      else runs.get(i).compute();
    }
  }

  @Override
  public synchronized Halt halt() {
    return attempt;
  }

  @Override
  public long pace(long nanos) {
    return task.pace().of(nanos);
  }

  @Override
  public void finish(long queuedNanos, long startNanos, long endNanos) {
    boolean unwanted = end();
    try {
      // Before its rows go: whoever has the answer may ask at once who computed it.
      TileTiming timing = new TileTiming(task.deployment(), task.tile().id(), inference, queuedNanos, startNanos, endNanos);
      host.timings().add(timing, task, failure != null || unwanted, place, count);
      if (unwanted) return;
      if (failure != null) report();
      else send();
    } finally {
      releaseOutputs();
      task.kernel().release();
    }
  }

  /** True when nobody wants what it made. */
  private synchronized boolean end() {
    state = State.OVER;
    inputs.forEach(TensorSlice::release);
    return cancelled;
  }

  private void releaseOutputs() {
    outputs.forEach(TensorSlice::release);
    outputs = List.of();
  }

  private void send() {
    for (Outgoing o : task.outgoing()) {
      TensorSlice rows = outputs.get(o.output()).rows(o.rows());
      Parcel parcel = new Parcel(task.deployment(), inference, o.address(), o.urgency(), rows);
      if (o.stays() && !o.device().equals(host.device())) {
        // Computed here for that device, which has these rows if it is there at all: only tiles that stand by for it want them.
        host.courier().keep(o.device(), parcel);
        continue;
      }
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
}
