package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.tile.Ledger;
import dev.tilestream.tile.SourceEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other devices owe an inference and are late with, or will never deliver, is computed at the source: those of their tiles that are
 * missing, by the source's own tiles that stand by for them; where nothing stands by yet, or that would take longer, the whole by its
 * {@code local} deployment. Whichever copy of a row comes first counts. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Takeovers {
  private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);
  /** Tiles one by one on cold caches take longer than the whole in one. */
  private static final double PIECEMEAL = 1.1;
  /** A hedge in pieces may take so much of the whole's time: it holds up the source's own tiles for less. */
  private static final double FINER = 1.2;
  /** What a takeover may take of what it promised before the whole is computed as well. */
  private static final double DOUBT = 2;
  /** What a busy machine swings by. */
  private static final double LEAST_FLOOR = 0.04;
  /** Between two looks. */
  private static final double LOOK_SECONDS = SchedulerActor.TICK.toNanos() * 1e-9;

  private final SourceRuntime source;
  private final SchedulerSettings settings;
  private final ToDoubleFunction<ModelInstance> localSeconds;
  private final Consumer<Flight> whole;

  /**
   * @param localSeconds what a whole inference takes here; infinite where nothing is deployed for that
   * @param whole has a flight fed to the source's own deployment
   */
  Takeovers(SourceRuntime source, SchedulerSettings settings, ToDoubleFunction<ModelInstance> localSeconds, Consumer<Flight> whole) {
    this.source = source;
    this.settings = settings;
    this.localSeconds = localSeconds;
    this.whole = whole;
  }

  /** A flight of a deployment that other devices have a part in begins. */
  void watch(Flight flight, long now) {
    Slot slot = flight.slot;
    flight.ledger = source.ledgers().open(flight.id, slot.id);
    if (slot.contingency == null || !slot.warm) return;
    flight.delays = new Delays(slot.contingency.timetable(), slot.plan().devices(), slot.contingency.margins(), now, floorNanos(flight));
  }

  /** How late anything must be to count: what is soon computed here is not worth long patience. */
  private long floorNanos(Flight flight) {
    double share = settings.lateShare() * localSeconds.applyAsDouble(flight.instance);
    return (long) (Math.min(settings.lateFloor().toNanos() * 1e-9, Math.max(LEAST_FLOOR, share)) * 1e9);
  }

  /** However it ended. */
  void forget(Flight flight) {
    if (flight.ledger != null) source.ledgers().close(flight.id);
  }

  /** Looks whether anybody is late; called every few milliseconds. */
  void tick(Flight flight, int underWay, long now) {
    if (flight.ledger == null) return;
    Set<String> silent = new HashSet<>(flight.slot.plan().devices());
    silent.removeIf(name -> flight.lost.contains(name) || source.courier().unansweredNanos(name, now) < settings.silentAfter().toNanos());
    if (!silent.isEmpty() && flight.takenOver) {
      giveUp(flight, Set.of(), union(flight.lost, silent));
      flight.instance.suspicion(settings.suspectFor()).raise(now);
    } else if (!silent.isEmpty()) begin(flight, silent, "silent", now);
    if (flight.takenOver) return;
    boolean overdue = now - flight.lateNanos > 0;
    Set<String> late = overdue ? others(flight.slot) : late(flight, underWay, now);
    flight.late = union(flight.late, late);
    boolean known = flight.overtaken.containsAll(late) && !overdue;
    if (!late.isEmpty() && !known) overtake(flight, late, "late", now);
    else if (underWay == 1 && flight.overtaken.isEmpty() && dueAhead(flight, now)) overtake(flight, others(flight.slot), "in doubtful air", now);
  }

  /**
   * Others failed a while ago: whether or not anybody is late, what is missing is begun early enough to end in bearable time. Whoever has left all
   * of a network to others would know too late that they fail. Only for one that is alone: the others would wait for that.
   */
  private boolean dueAhead(Flight flight, long now) {
    // The others are asked for to be seen as they are.
    boolean wanted = flight.goal.strategy() == Strategy.HYBRID && flight.goal.objective().equals(Objective.LATENCY);
    if (!wanted || !flight.instance.suspicion(settings.suspectFor()).recent(now, settings.doubtFor())) return false;
    double local = localSeconds.applyAsDouble(flight.instance);
    if (Double.isInfinite(local)) return false;
    double bearable = local * settings.aheadFactor() - (now - flight.launchNanos) * 1e-9;
    // The next look may be too late.
    if (bearable - LOOK_SECONDS > local) return false;
    double seconds = missing(flight, others(flight.slot)).map(tiles -> seconds(flight, tiles)).orElse(local);
    return bearable - LOOK_SECONDS <= Math.min(local, seconds);
  }

  private static Set<String> late(Flight flight, int underWay, long now) {
    if (flight.delays == null) return Set.of();
    Ledger ledger = flight.ledger;
    Set<String> late =
        flight.delays.late(rows -> ledger.has(rows.tensor(), rows.span()), ledger::delivered, stretch(flight, underWay), now);
    late.removeAll(flight.lost);
    late.removeAll(flight.late);
    return late;
  }

  private static double stretch(Flight flight, int underWay) {
    return Math.max(1, flight.slot.instance.ratio(flight.slot.hash())) * Math.max(1, underWay);
  }

  static Set<String> others(Slot slot) {
    List<String> devices = slot.plan().devices();
    return slot.plan().tiles().stream().filter(t -> t.device() != Plan.SOURCE).map(t -> devices.get(t.device())).collect(Collectors.toSet());
  }

  /** Whether that tile of its plan runs here for another device. */
  static boolean spare(Flight flight, int tile) {
    return ofAnother(flight.slot.plan(), tile);
  }

  private static boolean ofAnother(Plan plan, int tile) {
    List<Tile> tiles = plan.tiles();
    return tile >= 0 && tile < tiles.size() && tiles.get(tile).device() != Plan.SOURCE;
  }

  /** Who will not deliver after that event. */
  static Set<String> blamed(SourceEvent.TileFailed event, Slot slot) {
    Plan plan = slot.plan();
    if (event.cause() != SourceEvent.Cause.UNREACHABLE) return Set.of(event.device());
    return ofAnother(plan, event.tile()) ? Set.of(plan.devices().get(plan.tiles().get(event.tile()).device())) : others(slot);
  }

  /** {@code devices} are given up for this flight. False when the source can't help it. */
  boolean begin(Flight flight, Set<String> devices, String why, long now) {
    if (flight.takenOver) return true;
    if (!flight.slot.shared()) return false;
    Set<String> lost = union(flight.lost, devices);
    if (lost.size() == flight.lost.size()) return true;
    Optional<Set<Integer>> tiles = missing(flight, union(lost, flight.overtaken));
    flight.lost = lost;
    if (tiles.filter(Set::isEmpty).isPresent()) return notTheirs(flight);
    flight.instance.suspicion(settings.suspectFor()).raise(now);
    if (tiles.isEmpty() || flight.spareFailed || !within(1 / PIECEMEAL, flight, tiles.get())) return alone(flight, lost + " " + why);
    giveUp(flight, tiles.get(), lost);
    waitFor(flight, lost, why, tiles.get(), now);
    return true;
  }

  /**
   * What {@code devices} owe, which answer, is computed here as well, and they go on. Air that went down for a moment costs work then, and no
   * time.
   */
  private void overtake(Flight flight, Set<String> devices, String why, long now) {
    if (flight.spareFailed) return;
    Set<String> before = union(flight.lost, flight.overtaken);
    Set<String> all = union(before, devices);
    flight.overtaken = all;
    Optional<Set<Integer>> tiles = missing(flight, all);
    if (tiles.filter(Set::isEmpty).isPresent()) notTheirs(flight);
    else if (all.size() > before.size() && tiles.isPresent() && within(FINER, flight, tiles.get())) {
      flight.ledger.takeOver(tiles.get(), flight.lost);
      waitFor(flight, all, why, tiles.get(), now);
    } else if (localHere(flight)) wholly(flight, all + " " + why);
  }

  /** Nothing that others owe is missing: this device is slow itself. */
  private static boolean notTheirs(Flight flight) {
    flight.lateNanos = Math.max(flight.lateNanos, flight.deadlineNanos);
    return true;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new HashSet<>(some);
    all.addAll(others);
    return Set.copyOf(all);
  }

  /**
   * To be told of every answer: whether it was right to overtake shows only then.
   *
   * @return the devices whose part was done here
   */
  Set<String> conclude(Flight flight, long now) {
    if (flight.ledger == null) return flight.lost;
    Suspicion suspicion = flight.instance.suspicion(settings.suspectFor());
    Set<String> all = flight.takenOver ? others(flight.slot) : union(flight.lost, flight.overtaken);
    if (flight.lost.containsAll(all) || missing(flight, all).filter(Set::isEmpty).isPresent()) {
      if (flight.lost.isEmpty()) suspicion.trust();
      return flight.lost;
    }
    if (!flight.late.isEmpty()) suspicion.doubt(now);
    return all;
  }

  /** Tiles that have to be computed here without these devices; empty where that is not known, or nobody stands by. */
  private static Optional<Set<Integer>> missing(Flight flight, Set<String> lost) {
    Contingency c = flight.slot.contingency;
    if (c == null || !flight.slot.standsBy || flight.ledger == null) return Optional.empty();
    List<String> devices = flight.slot.plan().devices();
    Set<Integer> indices = lost.stream().map(devices::indexOf).filter(d -> d > Plan.SOURCE).collect(Collectors.toSet());
    return Optional.of(c.relief().tiles(indices, rows -> flight.ledger.has(rows.tensor(), rows.span())));
  }

  private static double seconds(Flight flight, Set<Integer> tiles) {
    return tiles.stream().mapToDouble(flight.slot.contingency.sourceSeconds()::get).sum();
  }

  /** Whether these take at most so many times what the whole takes. */
  private boolean within(double factor, Flight flight, Set<Integer> tiles) {
    return seconds(flight, tiles) <= factor * localSeconds.applyAsDouble(flight.instance);
  }

  /** Tiles of these devices run here from now on. */
  private void waitFor(Flight flight, Set<String> devices, String why, Set<Integer> tiles, long now) {
    double seconds = seconds(flight, tiles);
    say(flight,
        "{} of {}: {} {} after {} ms; {} tiles of theirs are computed here ({} ms)", flight.id, flight.model.name(), devices, why,
        (now - flight.launchNanos) / 1_000_000, tiles.size(), Math.round(seconds * 1e3));
    double patience = DOUBT * (seconds + flight.promisedSeconds);
    flight.lateNanos = Math.max(flight.lateNanos, now + settings.lateFloor().toNanos() + (long) (patience * 1e9));
  }

  /** Nothing more is sent to these devices, and what waits to go there is taken back. */
  private void giveUp(Flight flight, Set<Integer> tiles, Set<String> lost) {
    flight.lost = lost;
    if (flight.ledger != null) flight.ledger.takeOver(tiles, lost);
    lost.forEach(name -> source.courier().withdraw(name, flight.id));
  }

  private static boolean localHere(Flight flight) {
    Course local = flight.instance.courses.get(PlanGoal.LOCAL);
    return !flight.instance.removed || local != null && local.live();
  }

  /** Has all of it computed here, and gives the others up; false when that can't help. */
  boolean alone(Flight flight, String why) {
    if (flight.takenOver) return true;
    if (!localHere(flight)) return false;
    giveUp(flight, Set.of(), others(flight.slot));
    wholly(flight, why);
    return true;
  }

  private void wholly(Flight flight, String why) {
    say(flight, "{} of {} by {}: {}; computing it here", flight.id, flight.model.name(), flight.strategy().word(), why);
    flight.takenOver = true;
    whole.accept(flight);
  }

  /** Worth a warning unless it is mere caution. */
  private static void say(Flight flight, String what, Object... of) {
    if (flight.late.isEmpty() && flight.lost.isEmpty()) LOG.debug(what, of);
    else LOG.warn(what, of);
  }
}
