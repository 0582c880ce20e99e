package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.plan.Precision;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Halves;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings parcels to tiles and joins on this device by reference, and to other devices through their links. Thread-safe; called on lane
 * threads, so it only ever hands over.
 */
public final class Courier {
  private final String device;
  private final Inboxes tiles;
  private final Joins joins;
  private final Ledgers ledgers;
  private final ConcurrentHashMap<String, Way> links = new ConcurrentHashMap<>();

  private record Way(ActorRef<LinkActor.Command> link, Pulse pulse) {}

  Courier(String device, Inboxes tiles, Joins joins, Ledgers ledgers) {
    this.device = device;
    this.tiles = tiles;
    this.joins = joins;
    this.ledgers = ledgers;
  }

  /** Takes the parcel over and hands it on. False when there is no way to {@code to}, or nobody there; it is released then. */
  public boolean send(String to, Parcel parcel) {
    if (to.equals(device)) return arrive(parcel);
    if (!ledgers.sends(to, parcel)) {
      parcel.rows().release();
      return true;
    }
    Way way = links.get(to);
    if (way == null) {
      parcel.rows().release();
      return false;
    }
    way.link().tell(new LinkActor.Send(parcel));
    return true;
  }

  /** The same for one that only those who stand by for {@code to} want, and it not at all. Takes the parcel over. */
  void keep(String to, Parcel parcel) {
    ledgers.sends(to, parcel);
    parcel.rows().release();
  }

  /** What waits to go to {@code to} for an inference is wanted there no more. */
  public void withdraw(String to, InferenceId inference) {
    Way way = links.get(to);
    if (way != null) way.link().tell(new LinkActor.Drop(inference));
  }

  /** The same, where rows of floats are rounded to {@code precision} before they leave this device. */
  boolean send(String to, Parcel parcel, Precision precision) {
    boolean rounds = precision == Precision.FP16 && !to.equals(device) && parcel.rows().type() == DataType.FLOAT32;
    return send(to, rounds ? rounded(parcel) : parcel);
  }

  /** Takes the parcel over. Without memory for the rounded rows they go as they are: that is never wrong. */
  private Parcel rounded(Parcel p) {
    try {
      TensorSlice half = Halves.narrow(p.rows(), joins.pool());
      p.rows().release();
      return new Parcel(p.deployment(), p.inference(), p.tile(), p.urgency(), half);
    } catch (BufferPool.Exhausted e) {
      return p;
    }
  }

  /** Has the way to {@code to} measured, unless traffic has done so lately. */
  public void sound(String to) {
    Way way = links.get(to);
    if (way != null) way.link().tell(new LinkActor.Sound());
  }

  /** Takes over a parcel addressed to this device. False when its tile or inference is not known here; it is released then. */
  boolean arrive(Parcel parcel) {
    if (parcel.tile() == Parcel.SINK) return joins.offer(parcel);
    return tiles.deliver(parcel);
  }

  /** The same for a parcel that came from another device. */
  boolean arriveFromAfar(Parcel parcel) {
    ledgers.received(parcel);
    return arrive(parcel);
  }

  /** True when there is a link to {@code other}, or it is this device. */
  public boolean reaches(String other) {
    return other.equals(device) || links.containsKey(other);
  }

  /**
   * For how long {@code other} has answered nothing, though it was asked again and again; 0 when it has. It is asked while rows go there from
   * here, and from this call on for a while: it may get its rows from others, or compute for longer than any take to come.
   */
  public long unansweredNanos(String other, long now) {
    Way way = links.get(other);
    if (way == null) return 0;
    if (way.pulse().used(now)) way.link().tell(new LinkActor.Attend());
    return way.pulse().unansweredNanos(now);
  }

  void connect(String other, ActorRef<LinkActor.Command> link, Pulse pulse) {
    links.put(other, new Way(link, pulse));
  }

  void disconnect(String other, ActorRef<LinkActor.Command> link) {
    links.computeIfPresent(other, (name, way) -> way.link().equals(link) ? null : way);
  }
}
