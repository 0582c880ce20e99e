package dev.tilestream.tile;

import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What went out and what came back of one inference, at its source. Holds the rows that other devices were sent until the answer is there:
 * any of their tiles can be computed here from them, see {@link #takeOver}. Thread-safe.
 */
public final class Ledger {
  private final DeploymentId deployment;
  private final Inboxes tiles;
  private final List<Parcel> sent = new ArrayList<>();
  private final Map<Integer, List<RowSpan>> received = new HashMap<>();
  private final Map<String, Long> delivered = new HashMap<>();
  private final Set<Integer> relieved = new HashSet<>();
  private final Set<String> givenUp = new HashSet<>();
  private boolean closed;

  Ledger(DeploymentId deployment, Inboxes tiles) {
    this.deployment = deployment;
    this.tiles = tiles;
  }

  /**
   * The parcel is about to go to {@code device}; it stays the caller's.
   *
   * @return false when it should not: that device was given up, and what its tiles would have made is made here
   */
  synchronized boolean sends(String device, Parcel parcel) {
    if (closed || !parcel.deployment().equals(deployment)) return true;
    parcel.rows().retain();
    sent.add(parcel);
    if (!relieved.isEmpty()) tiles.relieve(parcel, relieved);
    return !givenUp.contains(device);
  }

  synchronized void received(Parcel parcel) {
    if (!closed) received.merge(parcel.rows().tensor(), List.of(parcel.rows().span()), Ledger::joined);
  }

  private static List<RowSpan> joined(List<RowSpan> before, List<RowSpan> more) {
    RowSpan all = more.get(0);
    List<RowSpan> spans = new ArrayList<>(before.size() + 1);
    for (RowSpan span : before)
      if (span.from() <= all.to() && all.from() <= span.to()) all = all.hull(span);
      else spans.add(span);
    spans.add(all);
    return spans;
  }

  /** So many bytes of rows more have reached {@code device}. */
  synchronized void delivered(String device, long bytes) {
    delivered.merge(device, bytes, Long::sum);
  }

  /** Whether all these rows have come from other devices. */
  public synchronized boolean has(int tensor, RowSpan span) {
    return received.getOrDefault(tensor, List.of()).stream().anyMatch(s -> s.contains(span));
  }

  /** Bytes of rows that have reached {@code device}, as they are in memory. */
  public synchronized long delivered(String device) {
    return delivered.getOrDefault(device, 0L);
  }

  /**
   * Has {@code more} tiles of other devices computed here, by those that stand by: they get what was sent away and what will be.
   *
   * @param devices that are given up: nothing more is sent to them
   */
  public synchronized void takeOver(Set<Integer> more, Set<String> devices) {
    givenUp.addAll(devices);
    Set<Integer> fresh = new HashSet<>(more);
    fresh.removeAll(relieved);
    relieved.addAll(fresh);
    if (closed || fresh.isEmpty()) return;
    for (Parcel parcel : sent) tiles.relieve(parcel, fresh);
  }

  /** Whether this tile computes here what others, none of whom is given up, may still deliver. */
  synchronized boolean hedges(DeploymentId of, int tile) {
    return !closed && givenUp.isEmpty() && (!of.equals(deployment) || relieved.contains(tile));
  }

  synchronized void close() {
    closed = true;
    sent.forEach(parcel -> parcel.rows().release());
    sent.clear();
    received.clear();
  }
}
