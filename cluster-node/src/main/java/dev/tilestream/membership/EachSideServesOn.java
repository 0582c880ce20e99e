package dev.tilestream.membership;

import akka.actor.AbstractActorWithTimers;
import akka.actor.ActorSystem;
import akka.actor.Props;
import akka.cluster.Cluster;
import akka.cluster.DowningProvider;
import akka.cluster.Member;
import akka.event.Logging;
import akka.event.LoggingAdapter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;

/**
 * What a partition comes to: each side gives up the other and serves on, and no node ever puts itself out. Majorities protect what may exist
 * only once; here every member is a source that can compute alone, so a minority that stopped would lose requests and save nothing.
 * {@link Reunion} brings the sides together again.
 *
 * <p>Two members that cannot hear each other while a third hears both are no partition: {@link Estrangement} tells them apart.
 */
public final class EachSideServesOn extends DowningProvider {
  private final Duration patience;
  private final Duration bridgedPatience;

  /** Called by Akka, which finds this class in {@code akka.cluster.downing-provider-class}. */
  public EachSideServesOn(ActorSystem system) {
    patience = system.settings().config().getDuration("tilestream.membership.give-up-after");
    bridgedPatience = system.settings().config().getDuration("tilestream.membership.give-up-bridged-after");
  }

  /** Nothing that moves to this side must first have ended on the other. */
  @Override
  public FiniteDuration downRemovalMargin() {
    return scala.concurrent.duration.Duration.create(0, TimeUnit.SECONDS);
  }

  @Override
  public Option<Props> downingActorProps() {
    return Option.apply(Props.create(GivingUp.class, () -> new GivingUp(patience, bridgedPatience)));
  }

  private static final class GivingUp extends AbstractActorWithTimers {
    private static final Duration TICK = Duration.ofMillis(500);

    private final LoggingAdapter log = Logging.getLogger(getContext().getSystem(), EachSideServesOn.class);
    private final Duration patience;
    private final Duration bridgedPatience;
    private final Absences absences;
    private final Absences bridgedAbsences;

    private GivingUp(Duration patience, Duration bridgedPatience) {
      this.patience = patience;
      this.bridgedPatience = bridgedPatience;
      absences = absences(patience);
      bridgedAbsences = absences(bridgedPatience);
      getTimers().startTimerWithFixedDelay(TICK, TICK, TICK);
    }

    private static Absences absences(Duration patience) {
      return new Absences(Math.toIntExact(Math.max(1, patience.dividedBy(TICK))));
    }

    @Override
    public Receive createReceive() {
      return receiveBuilder().matchEquals(TICK, tick -> look()).build();
    }

    private void look() {
      Cluster cluster = Cluster.get(getContext().getSystem());
      Estrangement now = Estrangement.of(cluster);
      for (Member gone : absences.overdue(now.apart())) giveUp(cluster, gone, patience);
      for (Member gone : bridgedAbsences.overdue(now.bridged())) giveUp(cluster, gone, bridgedPatience);
    }

    private void giveUp(Cluster cluster, Member gone, Duration after) {
      log.warning("{} cannot be reached for {}; this side serves on without it", gone.address(), after);
      cluster.down(gone.address());
    }
  }
}
