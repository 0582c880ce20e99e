package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.plan.Chunking;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.wire.ControlMessage;
import dev.tilestream.tensor.wire.UnreadParcel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Takes the parcels of one peer's {@link LinkActor}, hands them to tiles and joins, and opens the sender's window again. Each is
 * acknowledged at once, but small ones that follow quickly together. What nobody here wants is released, counted, and said back once, and so
 * is what there was no memory for.
 *
 * <p>Parcels come in their order or not at all. Those behind one that is missing, as when a connection broke, are not taken: so the sender,
 * which is told and opens the link anew, knows exactly what has not come.
 */
final class InboundLink extends AbstractBehavior<Object> {
  /** About what a parcel costs on the air beyond its rows: headers of parcel, envelope and frames. */
  static final int OVERHEAD_BYTES = 256;

  private static final int REFUSALS_REMEMBERED = 256;
  private static final Duration ACKNOWLEDGE_WITHIN = Duration.ofMillis(5);
  /** Not more often for small ones, which would cost both sides more than they do themselves. */
  private static final long ACKNOWLEDGE_EVERY_NANOS = 2_000_000;

  /** So many parcels went this way before. Asks for the word of what has come, which may have been lost as well. */
  record Tally(long parcels) implements ControlMessage {}

  private record Refusal(DeploymentId deployment, InferenceId inference) {}

  private enum Acknowledge {
    NOW
  }

  private final String peer;
  private final int epoch;
  private final ActorRef<LinkActor.Command> link;
  private final TileHost host;
  private final TimerScheduler<Object> timers;
  private final long acknowledgeBytes;
  private final Map<Refusal, Boolean> refusals =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Refusal, Boolean> eldest) {
          return size() > REFUSALS_REMEMBERED;
        }
      };
  private long parcels;
  private long bytes;
  /** Of the parcels not yet acknowledged. */
  private final long[] arrivals;
  private long acknowledgedParcels;
  private long acknowledgedBytes;
  private long acknowledgedNanos = System.nanoTime() - ACKNOWLEDGE_EVERY_NANOS;
  private long unwanted;
  private boolean gap;

  private InboundLink(
      ActorContext<Object> context, TimerScheduler<Object> timers, String peer, int epoch, ActorRef<LinkActor.Command> link, TileHost host) {
    super(context);
    this.peer = peer;
    this.epoch = epoch;
    this.link = link;
    this.host = host;
    this.timers = timers;
    acknowledgeBytes = Math.min(host.settings().link().windowBytes() / 8, Chunking.SMALLEST_BYTES);
    arrivals = new long[Math.max(1, host.settings().link().windowParcels() / 4)];
  }

  static Behavior<Parcel> create(String peer, int epoch, ActorRef<LinkActor.Command> link, TileHost host) {
    return Behaviors.<Object>setup(context -> Behaviors.withTimers(timers -> new InboundLink(context, timers, peer, epoch, link, host))).narrow();
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(Parcel.class, this::onParcel)
        .onMessage(UnreadParcel.class, this::onUnread)
        .onMessage(Tally.class, this::onTally)
        .onMessage(Acknowledge.class, this::onAcknowledge)
        .build();
  }

  private Behavior<Object> onParcel(Parcel parcel) {
    if (!follows(parcel.number())) {
      parcel.rows().release();
      return this;
    }
    count(parcel.wireBytes());
    if (parcel.tile() == Parcel.NOBODY) {
      acknowledge();
      parcel.rows().release();
      return this;
    }
    if (!host.courier().arriveFromAfar(parcel)) refuse(parcel);
    acknowledgeSoon();
    return this;
  }

  /** It came, and opens the window like any other: its sender would wait for it, and take later ones for it. */
  private Behavior<Object> onUnread(UnreadParcel parcel) {
    if (!follows(parcel.number())) return this;
    count(parcel.wireBytes());
    if (parcel.tile() != Parcel.NOBODY && refusals.put(new Refusal(parcel.deployment(), parcel.inference()), true) == null) {
      LinkActor.Exhausted exhausted = new LinkActor.Exhausted(parcel.deployment(), parcel.inference(), parcel.tile());
      host.air().send(() -> link.tell(exhausted));
    }
    acknowledgeSoon();
    return this;
  }

  private Behavior<Object> onTally(Tally tally) {
    gap |= tally.parcels() != parcels;
    if (gap) tellGap();
    else acknowledge();
    return this;
  }

  /** Whether none is missing before it; said once, and again when asked. */
  private boolean follows(int number) {
    if (gap) return false;
    gap = number != parcels % Parcel.NUMBERS;
    if (gap) tellGap();
    return !gap;
  }

  /** What came before it did come. */
  private void tellGap() {
    acknowledge();
    host.air().send(() -> link.tell(new LinkActor.Gap(epoch)));
  }

  private void count(long wireBytes) {
    arrivals[(int) (parcels - acknowledgedParcels)] = System.nanoTime();
    parcels++;
    bytes += wireBytes;
  }

  private void acknowledgeSoon() {
    if (System.nanoTime() - acknowledgedNanos >= ACKNOWLEDGE_EVERY_NANOS || bytes - acknowledgedBytes >= acknowledgeBytes
        || parcels - acknowledgedParcels >= arrivals.length) acknowledge();
    else if (!timers.isTimerActive(Acknowledge.NOW)) timers.startSingleTimer(Acknowledge.NOW, ACKNOWLEDGE_WITHIN);
  }

  private Behavior<Object> onAcknowledge(Acknowledge now) {
    if (parcels > acknowledgedParcels) acknowledge();
    return this;
  }

  private void acknowledge() {
    timers.cancel(Acknowledge.NOW);
    List<Long> since = LongStream.of(arrivals).limit(parcels - acknowledgedParcels).boxed().toList();
    acknowledgedParcels = parcels;
    acknowledgedBytes = bytes;
    acknowledgedNanos = System.nanoTime();
    LinkActor.Credit credit = new LinkActor.Credit(epoch, parcels, bytes, since);
    host.air().send(() -> link.tell(credit));
  }

  /** Rows of an answer that came from elsewhere meanwhile are no reason to complain. */
  private void refuse(Parcel parcel) {
    unwanted++;
    getContext().getLog().debug("rows from {} for tile {} of {} unwanted, {} so far", peer, parcel.tile(), parcel.deployment(), unwanted);
    if (parcel.tile() == Parcel.SINK || refusals.put(new Refusal(parcel.deployment(), parcel.inference()), true) != null) return;
    LinkActor.Unknown unknown = new LinkActor.Unknown(parcel.deployment(), parcel.inference(), parcel.tile());
    host.air().send(() -> link.tell(unknown));
  }
}
