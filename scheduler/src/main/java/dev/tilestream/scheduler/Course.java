package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Agenda;
import dev.tilestream.scheduler.plan.PlanChoice;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How inferences of one goal are served: the plans there are, which of them is in use, and who waits for one to be deployed. Belongs to
 * the scheduler actor's thread.
 */
final class Course {
  final ModelInstance instance;
  final PlanGoal goal;
  final PlanChoice choice;
  final Deque<Flight> waiting = new ArrayDeque<>();
  /** Null until the first plan is there. */
  PlanTable table;
  /** What plans are being made for; the rates of the table's middle. */
  Fleet fleet;
  /** How much faster the links are now than then. */
  double factor = 1;
  /** Tells apart the tables that were begun. */
  long epoch;
  /** What is still to be planned for the table that was begun last. */
  Agenda agenda;
  /** Plans that other goals have for the same devices, still to be judged for this one. */
  final List<Plan> offered = new ArrayList<>();
  /** A step is being done. */
  boolean planning;
  /** When the table that is being made, or was made last, was begun. */
  long begunNanos;
  /** Of when the devices are that its table's promises are for. */
  long judgedNanos;
  /** What it took to make promises anew. */
  long judgingNanos;
  /** A deployment of it was live once: requests are served locally while the next one comes. */
  boolean served;
  /** It could not be planned or deployed; the next request begins anew. */
  boolean failed;
  long usedNanos;
  /** Hash of the plan that was chosen last. */
  String chosen;
  /** Hashes of that plan and of those that may be next. */
  final Set<String> wanted = new HashSet<>();

  Course(ModelInstance instance, PlanGoal goal, PlanChoice choice) {
    this.instance = instance;
    this.goal = goal;
    this.choice = choice;
  }

  boolean has(String hash) {
    return table != null && table.find(hash).isPresent();
  }

  /** Its deployments, those that are on their way included. */
  Collection<Slot> slots() {
    return table == null ? List.of() : instance.slots.values().stream().filter(slot -> has(slot.hash())).toList();
  }

  /** What the plan of {@code slot} promises at the rates of now. */
  double promisedSeconds(Slot slot) {
    return table.seconds(entry(slot), factor);
  }

  /** Likewise the energy. */
  double promisedJoules(Slot slot) {
    return table.joules(entry(slot), factor);
  }

  /** The slot may be another goal's, whose table was made for other rates. */
  private PlanTable.Entry entry(Slot slot) {
    return table.find(slot.hash()).orElse(slot.entry);
  }

  boolean live() {
    return slots().stream().anyMatch(slot -> slot.state == Slot.State.LIVE);
  }

  /** Not live yet, but perhaps soon. */
  boolean coming() {
    return !failed && !live();
  }

  /** The rates of now have their plan; what is planned ahead of need does not count. */
  boolean settled() {
    return table != null && !planning && (agenda.empty(factor) || agenda.ahead(factor));
  }

  /** What its deployments do: {@link dev.tilestream.scheduler.plan.PlanHash} of each. */
  Set<String> deployed() {
    return slots().stream().map(Slot::hash).collect(Collectors.toSet());
  }

  /** Nobody asks for it any more. */
  boolean over() {
    return failed || instance.removed || instance.courses.get(goal) != this;
  }
}
