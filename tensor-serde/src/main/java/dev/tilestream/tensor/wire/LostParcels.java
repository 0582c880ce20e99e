package dev.tilestream.tensor.wire;

import akka.actor.AbstractActor;
import akka.actor.AllDeadLetters;
import akka.actor.DeadLetter;
import akka.actor.Dropped;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Releases parcels, and what a {@link MemoryCarrier} holds, that Akka could hand to nobody: dead actors, full send queues, quarantined peers.
 *
 * <p>A full send queue is published twice by Artery, first as {@link Dropped} with the reason, then as a dead letter; other senders
 * publish only one of the two. So a {@code Dropped} is released at once and answers for one dead letter of the same slice after it.
 */
final class LostParcels extends AbstractActor {
  /** Releases done on behalf of dead letters that may still come. Weak, because they may not. */
  private final Map<TensorSlice, Integer> anticipated = new WeakHashMap<>();

  @Override
  public Receive createReceive() {
    return receiveBuilder().match(AllDeadLetters.class, this::onDeadLetter).build();
  }

  private void onDeadLetter(AllDeadLetters letter) {
    // Those stay within the node: no send queue drops them first.
    if (letter instanceof DeadLetter && letter.message() instanceof MemoryCarrier carrier) carrier.lost();
    else releaseParcel(letter);
  }

  private void releaseParcel(AllDeadLetters letter) {
    Parcel parcel = letter.message() instanceof ParcelCarrier carrier ? carrier.parcel() : letter.message() instanceof Parcel bare ? bare : null;
    if (parcel == null) return;
    TensorSlice rows = parcel.rows();
    if (letter instanceof Dropped) {
      anticipated.merge(rows, 1, Integer::sum);
      rows.release();
    } else if (anticipated.containsKey(rows)) {
      anticipated.computeIfPresent(rows, (slice, releases) -> releases == 1 ? null : releases - 1);
    } else {
      rows.release();
    }
  }
}
