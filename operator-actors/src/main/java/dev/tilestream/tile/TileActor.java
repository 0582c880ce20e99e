package dev.tilestream.tile;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tensor.wire.ParcelCarrier;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of stages on one row span. Collects the rows that its band needs, for many inferences at once, and queues a run on the compute
 * lane when they are complete; the run sends the results on from the lane's thread. Lives as long as its deployment.
 *
 * <p>Owns every slice it was sent until the run takes them over, the inference expires, or it stops.
 */
public final class TileActor extends AbstractBehavior<TileActor.Command> {
  /** What a tile understands; only sent within the device. */
  public sealed interface Command {}

  /** Rows of one of the band's inputs; any rows start a band that has no inputs. */
  record Rows(Parcel parcel) implements Command, ParcelCarrier {}

  /** Nobody wants this inference any more. */
  record Expire(InferenceId inference) implements Command {}

  /** Drop what has been waiting since before {@code nanos}, by {@link System#nanoTime}. */
  record Sweep(long nanos) implements Command {}

  record Stop() implements Command {}

  /** Pieces of one inference. */
  private record Pending(List<Assembly> inputs, long since) {
    boolean complete() {
      for (Assembly a : inputs) if (!a.complete()) return false;
      return true;
    }

    void release() {
      inputs.forEach(Assembly::release);
    }
  }

  private final TileTask task;
  private final TileHost host;
  private final Map<InferenceId, Pending> pending = new HashMap<>();
  private final Map<InferenceId, Boolean> finished;
  /** Runs that may not be over yet, oldest first. */
  private final ArrayDeque<TileRun> runs = new ArrayDeque<>();

  private TileActor(ActorContext<Command> context, TileTask task, TileHost host) {
    super(context);
    this.task = task;
    this.host = host;
    int remembered = host.settings().remembered();
    this.finished =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<InferenceId, Boolean> eldest) {
            return size() > remembered;
          }
        };
  }

  static Behavior<Command> create(TileTask task, TileHost host) {
    return Behaviors.setup(context -> new TileActor(context, task, host));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Rows.class, this::onRows)
        .onMessage(Expire.class, this::onExpire)
        .onMessage(Sweep.class, this::onSweep)
        .onMessage(Stop.class, stop -> Behaviors.stopped())
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onRows(Rows message) {
    InferenceId inference = message.parcel().inference();
    TensorSlice rows = message.parcel().rows();
    if (finished.containsKey(inference)) {
      rows.release();
      return this;
    }
    Pending pieces = pending.get(inference);
    if (pieces == null) {
      if (pending.size() >= host.settings().pending()) {
        rows.release();
        return fail(inference, SourceEvent.Cause.BUSY, "%d inferences already wait for rows".formatted(pending.size()));
      }
      host.seniority().of(inference);
      pieces = open();
      pending.put(inference, pieces);
    }
    return collect(inference, pieces, rows);
  }

  private Behavior<Command> collect(InferenceId inference, Pending pieces, TensorSlice rows) {
    try {
      add(pieces, rows);
    } catch (BufferPool.Exhausted e) {
      return fail(inference, SourceEvent.Cause.EXHAUSTED, e.getMessage());
    } catch (IllegalArgumentException e) {
      return fail(inference, SourceEvent.Cause.BROKEN, e.getMessage());
    }
    if (pieces.complete()) start(inference, pieces);
    return this;
  }

  private void add(Pending pieces, TensorSlice rows) {
    for (Assembly input : pieces.inputs())
      if (input.tensor().id() == rows.tensor()) {
        input.add(rows);
        return;
      }
    rows.release();
    if (!pieces.inputs().isEmpty())
      throw new IllegalArgumentException("rows of tensor %d (expected: one of %s)".formatted(rows.tensor(), task.band().inputs()));
  }

  private Pending open() {
    List<Assembly> inputs =
        task.band().inputs().stream().map(need -> new Assembly(task.band().graph().tensor(need.tensor()), need.span(), host.pool())).toList();
    return new Pending(inputs, System.nanoTime());
  }

  private void start(InferenceId inference, Pending pieces) {
    pending.remove(inference);
    finished.put(inference, true);
    List<TensorSlice> inputs = pieces.inputs().stream().map(Assembly::take).toList();
    TileRun run = new TileRun(task, host, inference, host.seniority().of(inference), inputs);
    while (!runs.isEmpty() && runs.peekFirst().over()) runs.removeFirst();
    runs.addLast(run);
    if (host.lane().submit(run)) return;
    run.cancel();
    task.fail(host.device(), inference, SourceEvent.Cause.BUSY, "compute lane: queue full (%d tiles wait)".formatted(host.lane().waiting()));
  }

  private Behavior<Command> fail(InferenceId inference, SourceEvent.Cause cause, String reason) {
    drop(inference);
    task.fail(host.device(), inference, cause, reason);
    return this;
  }

  private void drop(InferenceId inference) {
    Pending pieces = pending.remove(inference);
    if (pieces != null) pieces.release();
    finished.put(inference, true);
  }

  private Behavior<Command> onExpire(Expire message) {
    drop(message.inference());
    for (TileRun run : runs) if (run.inference().equals(message.inference())) run.cancel();
    return this;
  }

  private Behavior<Command> onSweep(Sweep message) {
    for (Iterator<Map.Entry<InferenceId, Pending>> i = pending.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<InferenceId, Pending> entry = i.next();
      if (entry.getValue().since() - message.nanos() >= 0) continue;
      i.remove();
      entry.getValue().release();
      finished.put(entry.getKey(), true);
      // Whoever still waits for it hears of it; most that are swept have ended long ago, without this device hearing of that.
      task.fail(host.device(), entry.getKey(), SourceEvent.Cause.BUSY, "not all rows came within " + host.settings().retention());
    }
    return this;
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    pending.values().forEach(Pending::release);
    pending.clear();
    runs.forEach(TileRun::cancel);
    task.kernel().release();
    return this;
  }
}
