package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.Parcel;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings parcels to tiles and joins on this device by reference, and to other devices through their links. Thread-safe; called on lane
 * threads, so it only ever hands over.
 */
public final class Courier {
  private final String device;
  private final Inboxes tiles;
  private final Joins joins;
  private final ConcurrentHashMap<String, ActorRef<LinkActor.Command>> links = new ConcurrentHashMap<>();

  Courier(String device, Inboxes tiles, Joins joins) {
    this.device = device;
    this.tiles = tiles;
    this.joins = joins;
  }

  /** Takes the parcel over and hands it on. False when there is no way to {@code to}, or nobody there; it is released then. */
  public boolean send(String to, Parcel parcel) {
    if (to.equals(device)) return arrive(parcel);
    ActorRef<LinkActor.Command> link = links.get(to);
    if (link == null) {
      parcel.rows().release();
      return false;
    }
    link.tell(new LinkActor.Send(parcel));
    return true;
  }

  /** Has the way to {@code to} measured, unless traffic has done so lately. */
  public void sound(String to) {
    ActorRef<LinkActor.Command> link = links.get(to);
    if (link != null) link.tell(new LinkActor.Sound());
  }

  /** Takes over a parcel addressed to this device. False when its tile or inference is not known here; it is released then. */
  boolean arrive(Parcel parcel) {
    if (parcel.tile() == Parcel.SINK) return joins.offer(parcel);
    return tiles.deliver(parcel);
  }

  /** True when there is a link to {@code other}, or it is this device. */
  public boolean reaches(String other) {
    return other.equals(device) || links.containsKey(other);
  }

  void connect(String other, ActorRef<LinkActor.Command> link) {
    links.put(other, link);
  }

  void disconnect(String other, ActorRef<LinkActor.Command> link) {
    links.remove(other, link);
  }
}
