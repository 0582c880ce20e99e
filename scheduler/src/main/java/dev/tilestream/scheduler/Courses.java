package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Agenda;
import dev.tilestream.scheduler.plan.PlanChoice;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanStep;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.scheduler.profile.Fleet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which plans there are for each goal and which of them serves. Plans are made off the actor, piece by piece; those in use and those
 * that may be next are deployed; when devices, their speed or their load are not what plans were made for, the table is made anew, at
 * moments that differ between sources. What runs finishes on the deployment it began on. Not thread-safe: lives in the scheduler
 * actor's thread.
 */
final class Courses {
  private static final Logger LOG = LoggerFactory.getLogger(Courses.class);

  /** What the actor does for courses, and is told of them. */
  interface Listener {
    /** Do this off the actor; the result comes back through {@link Courses#planned}. */
    void plan(Job job);

    /** One of its deployments takes inferences now. */
    void open(Course course);

    /** It can't be planned or deployed. */
    void failed(Course course, InferenceFailure why);
  }

  /**
   * A step of a course's table: runs anywhere.
   *
   * @param carried plans of the table before, which still count where their devices are there
   * @param kept hashes of plans that stay in the table
   * @param sinceNanos when it was asked for
   */
  record Job(
      Course course, long epoch, boolean urgent, Collection<Plan> carried, PlanTable table, PlanStep step, Set<String> kept, long sinceNanos) {
    PlanTable run() {
      List<String> devices = table.fleet().names();
      List<Plan> usable = carried.stream().filter(plan -> devices.containsAll(plan.devices())).toList();
      return step.on(table.with(usable), course.instance.prepared.graph(), kept);
    }
  }

  private final SchedulerSettings settings;
  private final KnownFleet known;
  private final Deployer deployer;
  private final SlotLimits slots;
  private final Listener listener;
  private final Random random;
  private final StepQueue queue = new StepQueue(System.nanoTime());
  private final long recordNanos;
  private final Experience experience;

  /** @param random spreads the moments at which sources plan anew */
  Courses(SchedulerSettings settings, KnownFleet known, Deployer deployer, Random random, Listener listener) {
    this.settings = settings;
    this.known = known;
    this.deployer = deployer;
    slots = new SlotLimits(settings, deployer);
    this.random = random;
    recordNanos = (long) (settings.recordMemory().toNanos() * (0.8 + 0.4 * random.nextDouble()));
    experience = new Experience(recordNanos);
    this.listener = listener;
  }

  /** The course of a prepared instance for that goal; begun now if there is none. */
  Course course(ModelInstance instance, PlanGoal goal) {
    Course course = instance.courses.get(goal);
    if (course != null) return course;
    PlanChoice.Rules rules = goal.strategy() == Strategy.HYBRID ? settings.choice() : settings.choice().untried();
    course = new Course(instance, goal, new PlanChoice(rules, entry -> instance.record(entry.hash(), recordNanos)));
    course.usedNanos = System.nanoTime();
    if (instance.rest == null) instance.rest = new Rest(settings.replanPause().toNanos(), course.usedNanos);
    instance.courses.put(goal, course);
    begin(course, course.usedNanos);
    return course;
  }

  private void begin(Course course, long now) {
    course.epoch++;
    course.factor = 1;
    course.begunNanos = now;
    course.judgedNanos = now;
    course.instance.rest.begun(now, spread());
    Fleet before = course.fleet;
    course.fleet = fleet(course);
    course.instance.speeds(course.fleet, recordNanos, now);
    PlanOptions options = course.goal.options(settings.planning());
    course.agenda = new Agenda(course.goal.strategy(), options, course.fleet.size(), RateGrid.DEFAULT);
    queue.remove(course);
    boolean same = before != null && before.names().equals(course.fleet.names());
    course.choice.drifted(!same);
    // What another strategy makes of fewer devices is not what it makes of these; to hybrid every plan is welcome.
    boolean welcome = course.goal.strategy() == Strategy.HYBRID || same;
    List<Plan> carried =
        course.table == null || !welcome ? List.of() : course.table.entries().stream().map(PlanTable.Entry::plan).toList();
    PlanTable fresh = PlanTable.empty(course.instance.prepared.graph(), course.fleet, RateGrid.DEFAULT, course.goal.objective());
    // What there is for these very devices is judged anew and serves; the search waits for its turn.
    submit(course, true, same && !carried.isEmpty() ? judging(options) : next(course), carried, fresh);
  }

  private static PlanStep judging(PlanOptions options) {
    return new PlanStep(RateGrid.DEFAULT.middle(), List.of(), options, false);
  }

  private static PlanStep next(Course course) {
    return course.agenda.take(course.factor).orElseThrow();
  }

  private double spread() {
    return 0.5 + random.nextDouble();
  }

  /** What its plans may use, as it is now. */
  private Fleet fleet(Course course) {
    Fleet all = course.goal.fleet(known.of(course.instance.prepared), course.instance.prepared.graph());
    return course.goal.strategy() == Strategy.LOCAL ? all.part(List.of(Plan.SOURCE)) : all;
  }

  private void submit(Course course, boolean urgent, PlanStep step, Collection<Plan> carried, PlanTable table) {
    course.planning = true;
    List<Plan> others = new ArrayList<>(carried);
    others.addAll(course.offered);
    course.offered.clear();
    listener.plan(new Job(course, course.epoch, urgent, others, table, step, course.deployed(), System.nanoTime()));
  }

  /** A step is done: the table it made, or why there is none. */
  void planned(Job job, PlanTable table, Throwable failure) {
    Course course = job.course;
    long now = System.nanoTime();
    if (!job.urgent) queue.done(job.step.ahead(), now - job.sinceNanos, now);
    if (job.step.strategies().isEmpty()) course.judgingNanos = now - job.sinceNanos;
    if (!job.step.ahead()) course.instance.rest.spent(now - job.sinceNanos);
    if (course.epoch == job.epoch && course.instance.courses.get(course.goal) == course) {
      course.planning = false;
      if (failure != null) notPlanned(course, failure);
      else {
        Fleet fleet = fleet(course);
        PlanTable before = course.table;
        course.table = table.only(fleet.names());
        if (before != null && !course.instance.rest.missed(course.judgedNanos)) compare(course, before, fleet);
        offer(course);
        attend(course, now);
        // Another goal's plan may do the same, and be deployed already.
        if (course.live()) open(course);
      }
      queue.add(course);
    }
    refine(now);
  }

  /** At the rates of now, whichever the two tables were made for: rates that changed meanwhile say nothing of a plan. */
  private static void compare(Course course, PlanTable before, Fleet fleet) {
    Drift then = Drift.between(before.fleet(), fleet, false);
    Drift now = Drift.between(course.table.fleet(), fleet, false);
    if (!then.devices() && !now.devices()) course.instance.promises(before, then.factor(), course.table, now.factor());
  }

  /** What another goal found may be better than what hybrid did, once it is measured. */
  private void offer(Course course) {
    if (course.goal.strategy() == Strategy.HYBRID) return;
    for (Course other : course.instance.courses.values()) {
      boolean alike = other.goal.halo() == course.goal.halo() && other.goal.precision() == course.goal.precision();
      if (other.goal.strategy() != Strategy.HYBRID || !alike) continue;
      course.table.entries().forEach(e -> other.offered.add(e.plan()));
      other.agenda.judge();
      queue.add(other);
    }
  }

  private void notPlanned(Course course, Throwable failure) {
    LOG.warn("{} of {}: no plan: {}", course.goal.strategy().word(), course.instance.model.name(), failure.toString());
    if (course.table != null) return;
    fail(course, new InferenceFailure(InferenceFailure.Kind.BROKEN, failure.getMessage(), Duration.ofSeconds(1), failure));
  }

  private void refine(long now) {
    queue.next(now).ifPresent(course -> submit(course, false, next(course), List.of(), course.table));
  }

  /** The live deployment that an inference should use now; empty when it must wait for one. */
  Optional<Slot> serving(Course course, long now) {
    course.usedNanos = now;
    queue.used(now);
    if (course.table == null) return Optional.empty();
    double factor = course.factor;
    Optional<PlanTable.Entry> chosen = course.choice.choose(course.table, factor, now);
    if (chosen.isEmpty()) return Optional.empty();
    Optional<Slot> slot = deploy(course, chosen.get()).filter(s -> s.state == Slot.State.LIVE);
    if (slot.isEmpty()) slot = quickest(course, factor);
    // Others under way would disturb the measurement.
    if (course.instance.flights > 1) return slot;
    Optional<PlanTable.Entry> trial = course.choice.trial(course.table, factor, now, e -> live(course, e).isPresent());
    return trial.isPresent() ? live(course, trial.get()) : slot;
  }

  private static Optional<Slot> live(Course course, PlanTable.Entry entry) {
    return Optional.ofNullable(course.instance.slots.get(entry.hash())).filter(s -> s.state == Slot.State.LIVE);
  }

  private Optional<Slot> quickest(Course course, double factor) {
    ToDoubleFunction<PlanTable.Entry> expected = course.choice.expected(course.table, factor);
    return course.slots().stream()
        .filter(s -> s.state == Slot.State.LIVE)
        .min(Comparator.comparingDouble(s -> expected.applyAsDouble(course.table.find(s.hash()).orElseThrow())));
  }

  private Optional<Slot> deploy(Course course, PlanTable.Entry entry) {
    return course.instance.removed ? Optional.ofNullable(course.instance.slots.get(entry.hash())) : deployer.deploy(course.instance, entry);
  }

  /** Has the plan in use deployed, and while there is room those that may be next: of the rates around, and doubtful ones. */
  private void attend(Course course, long now) {
    if (course.table == null || course.instance.removed) return;
    course.wanted.clear();
    course.chosen = null;
    if (slots.rests(course, now)) return;
    double factor = course.factor;
    course.choice.choose(course.table, factor, now).ifPresent(chosen -> {
      course.chosen = chosen.hash();
      course.wanted.add(chosen.hash());
      deploy(course, chosen);
    });
    if (course.goal.strategy() != Strategy.HYBRID) return;
    List<PlanTable.Entry> next = new ArrayList<>(course.choice.doubtful(course.table, factor, now));
    int cell = course.table.grid().cell(factor);
    for (int c : new int[] {cell, cell - 1, cell + 1}) if (c >= 0 && c < course.table.grid().cells()) course.table.best(c).ifPresent(next::add);
    next.forEach(entry -> course.wanted.add(entry.hash()));
    if (course.instance.slots.values().stream().anyMatch(s -> s.state == Slot.State.DEPLOYING)) return;
    for (PlanTable.Entry entry : next) if (ahead(course, entry)) return;
  }

  /** Whether it is being deployed now. */
  private boolean ahead(Course course, PlanTable.Entry entry) {
    if (course.instance.slots.containsKey(entry.hash()) || course.instance.slots.size() >= slots.room(course.instance)) return false;
    return deploy(course, entry).isPresent();
  }

  /** Looks at every course: what drifted, what is to be deployed, what is of no use any more. */
  void tick(ModelInstance instance, long now) {
    if (instance.prepared == null || instance.removed) return;
    for (Course course : List.copyOf(instance.courses.values())) {
      refit(course, now);
      attend(course, now);
      queue.add(course);
    }
    slots.sweep(instance, now);
    experience.tick(now);
    refine(now);
  }

  /** Plans with devices that are not there go at once; plans for the fleet of now are begun, not too often. */
  private void refit(Course course, long now) {
    if (course.instance.removed) return;
    Fleet fleet = fleet(course);
    if (course.table != null) course.table = course.table.only(fleet.names());
    Drift drift = Drift.between(course.fleet, fleet, course.goal.objective().joules());
    course.factor = drift.factor();
    boolean beyond = drift.reasons().isEmpty() && !RateGrid.DEFAULT.covers(drift.factor());
    List<String> why = beyond ? List.of("rates beyond the table") : drift.reasons();
    if (why.isEmpty() || !drift.devices() && !due(course, drift, why, now)) {
      judge(course, fleet, now);
      return;
    }
    if (beyond || drift.beyondSpeeds()) course.instance.drifted(now);
    LOG.info("planning {} of {} anew: {}", course.goal.strategy().word(), course.instance.model.name(), String.join(", ", why));
    begin(course, now);
  }

  /** While the search for other plans rests, those that there are promise what devices take now. Their table's rates stay as they are. */
  private void judge(Course course, Fleet fleet, long now) {
    if (course.table == null || course.planning || SlotLimits.dormant(course, now)) return;
    if (now - course.judgedNanos < Math.max(settings.replanPause().toNanos(), Rest.COST * course.judgingNanos)) return;
    if (Drift.between(course.table.fleet(), fleet, false).speeds().isEmpty()) return;
    course.judgedNanos = now;
    course.instance.speeds(fleet, recordNanos, now);
    Fleet devices = new Fleet(fleet.devices(), course.fleet.links(), course.fleet.medium(), fleet.waits());
    PlanTable fresh = PlanTable.empty(course.instance.prepared.graph(), devices, RateGrid.DEFAULT, course.goal.objective());
    List<Plan> plans = course.table.entries().stream().map(PlanTable.Entry::plan).toList();
    submit(course, true, judging(course.goal.options(settings.planning())), plans, fresh);
  }

  /** Whether it is time to plan anew for what drifted: a round of planning begins, or one began and this course has not been part of it. */
  private boolean due(Course course, Drift drift, List<String> why, long now) {
    if (SlotLimits.dormant(course, now)) return false;
    ModelInstance instance = course.instance;
    if (!instance.rest.over(why, now)) return instance.rest.missed(course.begunNanos);
    instance.rest.round(why, now, spread());
    return true;
  }

  void slotLive(Slot slot) {
    with(slot).forEach(this::open);
  }

  private void open(Course course) {
    course.served = true;
    listener.open(course);
  }

  /** Never became live. Courses that have another deployment go on with it. */
  void slotFailed(Slot slot, InferenceFailure why) {
    for (Course course : with(slot)) if (course.slots().isEmpty()) fail(course, why);
  }

  /** The devices that plans may use are others now. */
  void devicesChanged(ModelInstance instance) {
    if (instance.prepared != null) for (Course course : List.copyOf(instance.courses.values())) refit(course, System.nanoTime());
  }

  private static List<Course> with(Slot slot) {
    return slot.instance.courses.values().stream().filter(course -> course.has(slot.hash())).toList();
  }

  private void fail(Course course, InferenceFailure why) {
    course.failed = true;
    course.instance.courses.remove(course.goal, course);
    queue.remove(course);
    listener.failed(course, why);
  }

  /** What a whole inference takes at the source as things are; infinite where nothing is deployed for that. */
  double localSeconds(ModelInstance instance) {
    Course local = instance.courses.get(PlanGoal.LOCAL);
    if (local == null) return Double.POSITIVE_INFINITY;
    return local.slots().stream().filter(s -> s.state == Slot.State.LIVE).mapToDouble(local::promisedSeconds).min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** A deployment serves: the source prepares to do its other devices' part, where there is room for the kernels. */
  void standBy(Slot slot) {
    if (slots.room(slot.instance) > 1) deployer.standBy(slot);
  }

  /** An undisturbed inference took {@code seconds}. The first of a deployment is cold. */
  void measured(Flight flight, double seconds, long now) {
    if (flight.slot.answered++ == 0) return;
    experience.add(flight.course, flight.slot, seconds, flight.promisedSeconds, now);
  }
}
