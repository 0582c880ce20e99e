package dev.tilestream.tile;

import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.util.Iterator;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * What waits to go on the air, older inferences first, then by urgency, then as it came. Hands out chunks, so that something more
 * urgent overtakes what is left of a big slice. Bounded in bytes. Owns what is in it. Not thread-safe.
 */
final class SendQueue {
  private static final class Waiting implements Comparable<Waiting> {
    private final Parcel parcel;
    private final long seniority;
    private final long arrival;
    /** First row not handed out yet. */
    private int next;

    Waiting(Parcel parcel, long seniority, long arrival) {
      this.parcel = parcel;
      this.seniority = seniority;
      this.arrival = arrival;
      next = parcel.rows().span().from();
    }

    @Override
    public int compareTo(Waiting other) {
      if (seniority != other.seniority) return Long.compare(seniority, other.seniority);
      int byUrgency = Integer.compare(parcel.urgency(), other.parcel.urgency());
      return byUrgency != 0 ? byUrgency : Long.compare(arrival, other.arrival);
    }

    long rowBytes() {
      TensorSlice rows = parcel.rows();
      return rows.bytes() / rows.span().rows();
    }

    long left() {
      return rowBytes() * (parcel.rows().span().to() - next);
    }
  }

  private final long limit;
  private int chunkBytes;
  private final PriorityQueue<Waiting> queue = new PriorityQueue<>();
  private long arrivals;
  private long bytes;

  SendQueue(long limit, int chunkBytes) {
    this.limit = limit;
    this.chunkBytes = chunkBytes;
  }

  /** Takes the parcel over, unless it is full: false, and the parcel stays the caller's. An empty queue takes anything. */
  boolean offer(Parcel parcel, long seniority) {
    long size = parcel.rows().bytes();
    if (bytes > 0 && bytes + size > limit) return false;
    queue.add(new Waiting(parcel, seniority, arrivals++));
    bytes += size;
    return true;
  }

  /** Chunks handed out from now on have about this size. */
  void chunk(int bytesEach) {
    chunkBytes = bytesEach;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  long bytes() {
    return bytes;
  }

  /** Bytes of the chunk that {@link #poll} would hand out. */
  long nextBytes() {
    Waiting first = queue.peek();
    return chunkRows(first) * first.rowBytes();
  }

  /** The next chunk, owned by the caller. */
  Parcel poll() {
    Waiting first = queue.peek();
    Parcel p = first.parcel;
    int rows = chunkRows(first);
    int to = first.next + rows;
    bytes -= rows * first.rowBytes();
    boolean last = to == p.rows().span().to();
    if (last) queue.poll();
    if (last && first.next == p.rows().span().from()) return p;
    TensorSlice chunk = p.rows().rows(new RowSpan(first.next, to));
    first.next = to;
    if (last) p.rows().release();
    return new Parcel(p.deployment(), p.inference(), p.tile(), p.urgency(), chunk);
  }

  private int chunkRows(Waiting w) {
    int left = w.parcel.rows().span().to() - w.next;
    long row = Math.max(1, w.rowBytes());
    return (int) Math.min(left, Math.max(1, chunkBytes / row));
  }

  /** Releases what waits of an inference. */
  void drop(InferenceId inference) {
    for (Iterator<Waiting> i = queue.iterator(); i.hasNext(); ) {
      Waiting w = i.next();
      if (!w.parcel.inference().equals(inference)) continue;
      bytes -= w.left();
      w.parcel.rows().release();
      i.remove();
    }
  }

  /** Releases everything, after {@code each} has seen what it was for. */
  void clear(Consumer<Parcel> each) {
    queue.forEach(w -> {
      each.accept(w.parcel);
      w.parcel.rows().release();
    });
    queue.clear();
    bytes = 0;
  }
}
