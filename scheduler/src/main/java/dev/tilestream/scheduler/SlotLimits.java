package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How many goals and deployments a model instance has at once, and which go. Lives in the scheduler actor's thread. */
final class SlotLimits {
  /** For a goal, where memory is scarce; for a plan that no goal wants any more. */
  private static final long BRIEF_REST_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long REST_NANOS = Duration.ofSeconds(60).toNanos();

  private final SchedulerSettings settings;
  private final Deployer deployer;

  SlotLimits(SchedulerSettings settings, Deployer deployer) {
    this.settings = settings;
    this.deployer = deployer;
  }

  /** Retires what no goal has a plan for any more or none wants since a while, and beyond the bounds what was unused for longest. */
  void sweep(ModelInstance instance, long now) {
    for (Slot slot : List.copyOf(instance.slots.values()))
      if (instance.courses.values().stream().noneMatch(c -> c.has(slot.hash()) || c.planning && c.table == null) || unwanted(slot, now))
        deployer.retire(slot);
    while (instance.courses.size() > settings.maxPlans()) {
      Optional<Course> oldest = instance.courses.values().stream()
          .filter(c -> c.waiting.isEmpty() && c.goal.strategy() != Strategy.LOCAL).min(Comparator.comparingLong(c -> c.usedNanos));
      if (oldest.isEmpty()) break;
      instance.courses.remove(oldest.get().goal);
    }
    if (instance.slots.size() > room(instance)) crowded(instance);
    while (instance.slots.size() > settings.maxPlans()) {
      Optional<Slot> oldest = instance.slots.values().stream()
          .filter(s -> s.state == Slot.State.LIVE && s.inFlight == 0 && !serves(instance, PlanGoal.LOCAL, s))
          .min(Comparator.comparingLong(s -> s.usedNanos));
      if (oldest.isEmpty()) break;
      deployer.retire(oldest.get());
    }
  }

  private static boolean unwanted(Slot slot, long now) {
    return slot.state == Slot.State.LIVE && slot.inFlight == 0 && now - slot.usedNanos > BRIEF_REST_NANOS
        && slot.instance.courses.values().stream().noneMatch(c -> c.wanted.contains(slot.hash()));
  }

  /**
   * Whether a goal that nobody asks for keeps nothing deployed: after a minute, and where there is room for one plan only, soon. The one
   * asked for last always does, and if there is room {@code local} and the model's own.
   */
  boolean rests(Course course, long now) {
    boolean scarce = room(course.instance) == 1;
    if (!scarce && standing(course)) return false;
    return now - course.usedNanos > (scarce ? BRIEF_REST_NANOS : REST_NANOS)
        && course.instance.courses.values().stream().anyMatch(other -> other.usedNanos - course.usedNanos > 0 && other.live());
  }

  /** Nobody has asked for it lately, and what drifts can wait until somebody does. */
  static boolean dormant(Course course, long now) {
    return !standing(course) && now - course.usedNanos > BRIEF_REST_NANOS;
  }

  /** It is to be ready whenever it is asked for. */
  private static boolean standing(Course course) {
    return course.goal.equals(PlanGoal.LOCAL) || course.goal.equals(PlanGoal.standard(course.instance.model));
  }

  /** How many plans there may be besides those in use: kernels keep copies of weights in layouts of their own. */
  int room(ModelInstance instance) {
    return (int) Math.max(1, Math.min(settings.maxPlans(), settings.planMemory() / Math.max(1, instance.weightBytes())));
  }

  /** Plans that nobody has chosen now go, once those that were are live. */
  private void crowded(ModelInstance instance) {
    Set<String> chosen = new HashSet<>();
    for (Course c : instance.courses.values()) if (c.chosen != null) chosen.add(c.chosen);
    for (String hash : chosen) {
      Slot slot = instance.slots.get(hash);
      if (slot == null || slot.state != Slot.State.LIVE) return;
    }
    instance.slots.values().stream()
        .filter(s -> s.state == Slot.State.LIVE && s.inFlight == 0 && !chosen.contains(s.hash()))
        .min(Comparator.comparingLong(s -> s.usedNanos)).ifPresent(deployer::retire);
  }

  private static boolean serves(ModelInstance instance, PlanGoal goal, Slot slot) {
    Course course = instance.courses.get(goal);
    return course != null && course.has(slot.hash());
  }
}
