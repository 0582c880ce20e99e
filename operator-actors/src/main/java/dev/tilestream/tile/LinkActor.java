package dev.tilestream.tile;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.wire.ControlMessage;
import dev.tilestream.tensor.wire.ParcelCarrier;
import dev.tilestream.tile.InFlight.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The way to one peer. What is to be sent waits here, by priority, and not in a socket: only a window of bytes is ever under way, and the
 * peer's {@link InboundLink} opens it again as it takes them. Opens itself to the peer's {@link Inbox} and again after a loss; counts
 * what it sends and measures rate and round trip; emulates a slower air if so configured.
 *
 * <p>Nothing is dropped in silence: what does not fit, or is lost on the way, is reported to {@link Deployments} and from there to the
 * source.
 */
public final class LinkActor extends AbstractBehavior<LinkActor.Command> {
  /** What a link understands; {@link ControlMessage}s come from the peer. */
  public sealed interface Command {}

  /** Gives the parcel away. */
  record Send(Parcel parcel) implements Command, ParcelCarrier {}

  /** Nobody wants this inference any more. */
  record Drop(InferenceId inference) implements Command {}

  /** Asks to measure what the way carries, unless traffic has done so lately. */
  record Sound() implements Command {}

  /** The pulse begins: somebody wants to know whether the peer is there. */
  record Attend() implements Command {}

  /** Asks for the counters. */
  public record ReportLink(ActorRef<LinkReport> replyTo) implements Command {}

  /** The peer takes parcels at {@code receiver}. */
  record Opened(int epoch, ActorRef<Parcel> receiver) implements Command, ControlMessage {}

  /** The peer has taken this many parcels and bytes since {@code epoch} began, the last of them at {@code arrivals} of its clock. */
  record Credit(int epoch, long parcels, long bytes, List<Long> arrivals) implements Command, ControlMessage {
    Credit {
      arrivals = List.copyOf(arrivals);
    }
  }

  /** A parcel was lost on the way in {@code epoch}: the peer takes none of those behind it. */
  record Gap(int epoch) implements Command, ControlMessage {}

  /** The peer runs no such tile or waits for no such answer. Said once per deployment and inference. */
  record Unknown(DeploymentId deployment, InferenceId inference, int tile) implements Command, ControlMessage {}

  /** The peer had no memory for rows. Said once per deployment and inference. */
  record Exhausted(DeploymentId deployment, InferenceId inference, int tile) implements Command, ControlMessage {}

  /** The peer had the probe at {@code thereNanos} of its clock. */
  record ProbeReply(long sentNanos, long thereNanos) implements Command, ControlMessage {}

  /** The peer is there. */
  record Pong() implements Command, ControlMessage {}

  private record ReceiverGone(int epoch) implements Command {}

  private enum Turn implements Command {
    WIRE_FREE,
    TICK,
    BEAT
  }

  /** How often it is looked whether to open (again), to probe, or to give up on what is under way. */
  private static final Duration TICK = Duration.ofMillis(200);

  private final String peer;
  private final ActorRef<Inbox.Command> inbox;
  private final TileHost host;
  private final LinkSettings settings;
  private final SendQueue queue;
  private final FlowControl flow;
  private final Wire wire;
  private final Silence silence;
  private final Pulse pulse;
  private final TimerScheduler<Command> timers;
  private final Sounding sounding;
  private final Packer packer;
  private final InFlight inFlight = new InFlight();
  private final Undelivered undelivered;
  private int epoch = 1;
  private ActorRef<Parcel> receiver;
  private long bytesBefore;
  private long parcelsBefore;
  private long lostParcels;
  private long progressNanos = System.nanoTime();
  private long probedNanos = System.nanoTime();

  private LinkActor(
      ActorContext<Command> context, TimerScheduler<Command> timers, String peer, ActorRef<Inbox.Command> inbox, Pulse pulse, TileHost host) {
    super(context);
    context.setLoggerName(LinkActor.class);
    this.peer = peer;
    this.inbox = inbox;
    this.pulse = pulse;
    this.timers = timers;
    this.host = host;
    undelivered = new Undelivered(peer, host);
    settings = host.settings().link();
    flow = new FlowControl(settings, System.nanoTime());
    ActorRef<Command> self = context.getSelf();
    wire = new Wire(host.air(), settings.emulation().any(), () -> self.tell(Turn.WIRE_FREE));
    silence = new Silence(settings.silence());
    sounding = new Sounding(host.pool(), settings.soundingShare());
    packer = new Packer(host.pool(), settings.packing());
    queue = new SendQueue(settings.queueBytes(), flow.chunkBytes());
    timers.startTimerWithFixedDelay(Turn.TICK, TICK);
    open();
  }

  /** @param inbox the peer's, at {@code /user/parcels} of its node */
  static Behavior<Command> create(String peer, ActorRef<Inbox.Command> inbox, Pulse pulse, TileHost host) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new LinkActor(context, timers, peer, inbox, pulse, host)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Send.class, this::onSend)
        .onMessage(Drop.class, this::onDrop)
        .onMessage(Sound.class, this::onSound)
        .onMessage(Attend.class, this::onAttend)
        .onMessage(Opened.class, this::onOpened)
        .onMessage(Credit.class, this::onCredit)
        .onMessage(Gap.class, this::onGap)
        .onMessage(Unknown.class, this::onUnknown)
        .onMessage(Exhausted.class, this::onExhausted)
        .onMessage(ProbeReply.class, this::onProbeReply)
        .onMessage(ReceiverGone.class, this::onReceiverGone)
        .onMessage(ReportLink.class, this::onReport)
        .onMessageEquals(Turn.WIRE_FREE, this::onWireFree)
        .onMessageEquals(Turn.TICK, this::onTick)
        .onMessageEquals(Turn.BEAT, this::onBeat)
        .onMessage(Pong.class, this::onPong)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onSend(Send send) {
    Parcel parcel = send.parcel();
    long row = parcel.rows().bytes() / parcel.rows().span().rows();
    if (row > settings.maxChunkBytes())
      return refuse(parcel, SourceEvent.Cause.BROKEN, "a row of %d bytes for %s (limit: %d)".formatted(row, peer, settings.maxChunkBytes()));
    if (parcel.tile() != Parcel.NOBODY && pulse.used(System.nanoTime())) beginBeat();
    if (!queue.offer(parcel, host.seniority().of(parcel.inference())))
      return refuse(parcel, SourceEvent.Cause.BUSY, "link to %s: %d bytes wait (limit: %d)".formatted(peer, queue.bytes(), settings.queueBytes()));
    pump();
    return this;
  }

  private Behavior<Command> refuse(Parcel parcel, SourceEvent.Cause cause, String reason) {
    undelivered.refuse(parcel, cause, reason);
    return this;
  }

  /** Sends as much as peer, window and air take. */
  private void pump() {
    while (receiver != null && !queue.isEmpty() && flow.takes(queue.nextBytes()) && wire.takes()) {
      Parcel next = queue.poll();
      inFlight.add(next);
      Parcel chunk = packer.pack(next, flow.meter().bytesPerSecond()).numbered(flow.window().sentParcels());
      long size = chunk.wireBytes();
      long now = System.nanoTime();
      if (flow.window().isEmpty()) progressNanos = now;
      flow.sent(size, now);
      ActorRef<Parcel> to = receiver;
      wire.send(size, now, () -> to.tell(chunk));
    }
    // Without credit the air does pause.
    if (!queue.isEmpty() && !flow.takes(queue.nextBytes())) wire.pauses();
  }

  private Behavior<Command> onWireFree() {
    wire.woken();
    pump();
    return this;
  }

  private Behavior<Command> onDrop(Drop drop) {
    queue.drop(drop.inference());
    return this;
  }

  /** Behind everything else: a way that is in use needs no sounding. */
  private Behavior<Command> onSound(Sound sound) {
    boolean unused = receiver != null && flow.window().isEmpty() && queue.isEmpty();
    LinkMeter meter = flow.meter();
    if (unused && sounding.due(System.nanoTime(), meter.sampledNanos(), meter.bytesPerSecond()))
      sounding.parcels(meter.bytesPerSecond()).forEach(parcel -> onSend(new Send(parcel)));
    return this;
  }

  private Behavior<Command> onOpened(Opened opened) {
    if (opened.epoch() != epoch || receiver != null) return this;
    heard();
    receiver = opened.receiver();
    getContext().watchWith(receiver, new ReceiverGone(epoch));
    progressNanos = System.nanoTime();
    probe(progressNanos);
    pump();
    return this;
  }

  private Behavior<Command> onCredit(Credit credit) {
    heard();
    long now = System.nanoTime();
    if (credit.epoch() != epoch || !flow.acknowledged(credit.parcels(), credit.bytes(), credit.arrivals(), now)) return this;
    inFlight.arrived(flow.window().inFlightParcels(), (inference, bytes) -> host.ledgers().delivered(inference, peer, bytes));
    progressNanos = now;
    queue.chunk(flow.chunkBytes());
    if (flow.awaitsProbe()) probe(now);
    pump();
    return this;
  }

  private Behavior<Command> onGap(Gap gap) {
    heard();
    if (gap.epoch() == epoch && receiver != null) reopen("rows were lost on the way");
    return this;
  }

  private Behavior<Command> onUnknown(Unknown u) {
    undelivered.unknown(new Purpose(u.deployment(), u.inference(), u.tile()));
    return this;
  }

  private Behavior<Command> onExhausted(Exhausted e) {
    undelivered.exhausted(new Purpose(e.deployment(), e.inference(), e.tile()));
    return this;
  }

  private Behavior<Command> onProbeReply(ProbeReply reply) {
    heard();
    flow.probed(reply.sentNanos(), reply.thereNanos(), System.nanoTime());
    return this;
  }

  private Behavior<Command> onTick() {
    long now = System.nanoTime();
    if (receiver == null) open();
    else if (!flow.window().isEmpty() && now - progressNanos > settings.stall().toNanos()) reopen("nothing acknowledged for " + settings.stall());
    boolean waits = receiver != null && !flow.window().isEmpty() && now - progressNanos > TICK.toNanos();
    if (waits) tally(now);
    if (waits || silence.doubtful() || now - probedNanos >= settings.probe().toNanos()) probe(now);
    return this;
  }

  /** Nothing would show that the last ones under way were lost, or the word that they are there: nothing comes behind them. */
  private void tally(long now) {
    InboundLink.Tally tally = new InboundLink.Tally(flow.window().sentParcels());
    ActorRef<Object> to = receiver.unsafeUpcast();
    wire.send(0, now, () -> to.tell(tally));
  }

  private Behavior<Command> onAttend(Attend attend) {
    beginBeat();
    return this;
  }

  private void beginBeat() {
    timers.startTimerWithFixedDelay(Turn.BEAT, Duration.ofNanos(Pulse.EVERY_NANOS));
  }

  private Behavior<Command> onBeat() {
    long now = System.nanoTime();
    if (!pulse.beats(now)) {
      timers.cancel(Turn.BEAT);
      return this;
    }
    pulse.asked(now);
    ActorRef<Command> self = getContext().getSelf();
    host.air().send(() -> inbox.tell(new Inbox.Ping(self)));
    return this;
  }

  private Behavior<Command> onPong(Pong pong) {
    heard();
    return this;
  }

  private void heard() {
    silence.heard();
    pulse.heard();
  }

  private Behavior<Command> onReceiverGone(ReceiverGone gone) {
    if (gone.epoch() == epoch) reopen("its receiver is gone");
    return this;
  }

  private void reopen(String why) {
    CreditWindow window = flow.window();
    long lost = window.inFlightParcels();
    if (lost > 0) getContext().getLog().warn("link to {}: {}; {} parcels under way are taken for lost", peer, why, lost);
    lostParcels += lost;
    undelivered.lost(inFlight.lose(), "link to %s: %s".formatted(peer, why));
    parcelsBefore += window.sentParcels();
    bytesBefore += window.sentBytes();
    flow.restart();
    if (receiver != null) getContext().unwatch(receiver);
    receiver = null;
    epoch++;
    open();
  }

  private void open() {
    inbox.tell(new Inbox.Open(host.device(), epoch, getContext().getSelf()));
  }

  private void probe(long now) {
    probedNanos = now;
    silence.asked(now);
    flow.probing(now);
    ActorRef<Command> self = getContext().getSelf();
    host.air().send(() -> inbox.tell(new Inbox.Probe(now, self)));
  }

  private Behavior<Command> onReport(ReportLink ask) {
    CreditWindow window = flow.window();
    LinkMeter meter = flow.meter();
    ask.replyTo().tell(new LinkReport(
        peer, receiver != null, silence.lasts(System.nanoTime()), meter.bytesPerSecond(), meter.rateDeviation(), meter.roundTripNanos() * 1e-9,
        meter.delayDeviationSeconds(), meter.queueSeconds(), bytesBefore + window.sentBytes(), parcelsBefore + window.sentParcels(), lostParcels,
        queue.bytes(), window.inFlightBytes()));
    return this;
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    Set<Purpose> lost = inFlight.lose();
    queue.clear(parcel -> lost.add(Purpose.of(parcel)));
    packer.close();
    undelivered.lost(lost, peer + " is gone");
    return this;
  }
}
