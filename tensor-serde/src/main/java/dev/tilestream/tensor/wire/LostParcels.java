package dev.tilestream.tensor.wire;

import akka.actor.AbstractActor;
import akka.actor.AllDeadLetters;
import dev.tilestream.tensor.Parcel;

/** Releases parcels that Akka could hand to nobody: dead actors, full send queues, quarantined peers. */
final class LostParcels extends AbstractActor {
  @Override
  public void preStart() {
    getContext().getSystem().eventStream().subscribe(getSelf(), AllDeadLetters.class);
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder().match(AllDeadLetters.class, this::onDeadLetter).build();
  }

  private void onDeadLetter(AllDeadLetters letter) {
    if (letter.message() instanceof Parcel parcel) parcel.rows().release();
  }
}
