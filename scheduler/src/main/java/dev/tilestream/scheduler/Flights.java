package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inferences under way at a source, each from its admission to its end. Whatever happens, a flight ends once: with an answer or a
 * failure, its input given back and its deployments free of it. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Flights {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);

  /** What the actor does for flights. */
  interface Tower {
    /** A model's instance for given input shapes; has it prepared if it is not yet. */
    ModelInstance instance(LoadedModel model, Map<String, Shape> shapes);

    /** Has it prepared without waiting for other devices. */
    void prepareAlone(ModelInstance instance);

    /** Has it worked out what to do when devices of a deployment fail, at these rates; leads to {@link Slot#contingency}. */
    void prepareFor(Slot slot, Fleet fleet, double factor);

    /** An inference's rows are together, or why they will not be; called on any thread, leads to {@link Flights#landed}. */
    void landed(Flight flight, List<TensorSlice> slices, Throwable failure);
  }

  private final SourceRuntime source;
  private final SchedulerSettings settings;
  private final Deployer deployer;
  private final Courses courses;
  private final Timelines timelines;
  private final Tower tower;
  private final InexactAnswers inexact;
  private final Takeovers takeovers;
  private final Map<InferenceId, Flight> flights = new HashMap<>();
  private final Admission admission;
  private long sequence;
  private long launches;

  Flights(SourceRuntime source, SchedulerSettings settings, Deployer deployer, Courses courses, Timelines timelines, Tower tower) {
    this.source = source;
    this.settings = settings;
    admission = new Admission(settings);
    this.deployer = deployer;
    this.courses = courses;
    this.timelines = timelines;
    this.tower = tower;
    inexact = new InexactAnswers(this::admit, source.background());
    takeovers = new Takeovers(source, settings, courses::localSeconds, flight -> hand(flight, PlanGoal.LOCAL));
  }

  /** Begins the inference, lets it wait, or refuses it. */
  void admit(LoadedModel model, InferenceRequest request, CompletableFuture<InferenceAnswer> answer) {
    long now = System.nanoTime();
    InferenceId id = new InferenceId(source.incarnation(), ++sequence);
    Flight flight = new Flight(request, model, PlanGoal.of(model, request), answer, id, now, now + admission.lifeNanos(model, request));
    if (flights.size() < settings.maxInFlight()) begin(flight);
    else admission.queue(flight, flights.size(), now);
  }

  private void begin(Flight flight) {
    flights.put(flight.id, flight);
    admission.begun(flight);
    flight.instance = tower.instance(flight.model, InputCheck.shapes(flight.request.inputs()));
    flight.instance.flights++;
    if (flight.instance.prepared == null) flight.waitIn(flight.instance.waiting);
    else dispatch(flight);
  }

  /** Hands a flight of a prepared model to the deployment that serves its goal now, or has it wait for one. */
  void dispatch(Flight flight) {
    if (!flights.containsKey(flight.id)) return;
    long now = System.nanoTime();
    if (flight.takenOver || flight.instance.suspicion(settings.suspectFor()).active(now)) {
      hand(flight, PlanGoal.LOCAL);
      return;
    }
    Course course = courses.course(flight.instance, flight.goal);
    Optional<Slot> slot = courses.serving(course, now);
    // While the plans that served are replaced, the source serves alone.
    boolean fillIn = slot.isEmpty() && course.served && courses.course(flight.instance, PlanGoal.LOCAL).live();
    if (fillIn) hand(flight, PlanGoal.LOCAL);
    else hand(flight, course, slot);
  }

  private void hand(Flight flight, PlanGoal goal) {
    Course course = courses.course(flight.instance, goal);
    hand(flight, course, courses.serving(course, System.nanoTime()));
  }

  private void hand(Flight flight, Course course, Optional<Slot> slot) {
    if (slot.isEmpty()) flight.waitIn(course.waiting);
    else if (flight.takenOver) embark(flight, slot.get());
    else {
      flight.promisedSeconds = course.promisedSeconds(slot.get());
      Optional<InferenceFailure> late = admission.hopeless(flight, System.nanoTime());
      late.ifPresentOrElse(why -> fail(flight, why), () -> launch(flight, course, slot.get()));
    }
  }

  /** Something takes inferences now: what waited for it goes. */
  void open(Course course) {
    for (Flight flight : Flight.drain(course.waiting)) {
      if (!flights.containsKey(flight.id)) continue;
      hand(flight, course, courses.serving(course, System.nanoTime()));
    }
  }

  /** Nothing could be deployed: what waited for it is computed here where that can help. */
  void courseFailed(Course course, InferenceFailure why) {
    boolean fallBack = course.goal.strategy() != Strategy.LOCAL && why.kind() == InferenceFailure.Kind.BUSY;
    if (fallBack) course.instance.suspicion(settings.suspectFor()).raise(System.nanoTime());
    for (Flight flight : Flight.drain(course.waiting)) {
      if (fallBack) dispatch(flight);
      else spareFailed(flight, why);
    }
  }

  /** What was to be computed here has failed. Of a flight that nobody was given up on others may still deliver; any other fails. */
  private void spareFailed(Flight flight, InferenceFailure why) {
    if (!flight.takenOver || !flight.lost.isEmpty() || flight.planFailed) {
      fail(flight, why);
      return;
    }
    flight.leaveQueue();
    flight.takenOver = false;
    flight.spareFailed = true;
    leaveTakeover(flight);
  }

  private void leaveTakeover(Flight flight) {
    if (flight.takeover == null) return;
    deployer.forget(flight.takeover, flight.id);
    deployer.ended(flight.takeover);
    flight.takeover = null;
  }

  /** These devices of {@code slot} will deliver nothing more: what they owe is computed here, where it is not this device's own that is lost. */
  void slotLost(Slot slot, Set<String> devices, InferenceFailure why) {
    long now = System.nanoTime();
    for (Flight flight : List.copyOf(flights.values())) {
      boolean own = flight.slot == slot && devices.contains(source.device());
      boolean hit = flight.slot == slot;
      boolean helped = hit && (own ? takeovers.alone(flight, "lost") : takeovers.begin(flight, devices, "gone", now));
      if (flight.takeover == slot) spareFailed(flight, why);
      else if (hit && !helped) fail(flight, why);
    }
  }

  private void launch(Flight flight, Course course, Slot slot) {
    long now = System.nanoTime();
    flight.leaveQueue();
    flight.slot = slot;
    flight.launchNanos = now;
    flight.course = course;
    admission.pace().begun(now);
    flight.promisedJoules = course.promisedJoules(slot);
    flight.alone = flights.size() == 1;
    flight.launches = ++launches;
    slot.inFlight++;
    boolean cold = slot.contingency == null || !slot.warm;
    Duration floor = cold ? settings.lateCold() : settings.lateFloor();
    long patience = floor.toNanos() + (long) (flight.promisedSeconds * settings.lateFactor() * Math.max(1, flights.size()) * 1e9);
    long left = Math.max(1, flight.deadlineNanos - now);
    flight.lateNanos = now + Math.min(patience, left);
    CompletionStage<List<TensorSlice>> joined = source.joins().open(flight.id, flight.outputs(), Duration.ofNanos(left));
    joined.whenComplete((slices, failure) -> tower.landed(flight, slices, failure));
    if (slot.shared()) {
      takeovers.watch(flight, now);
      keepPrepared(slot, course);
    }
    feed(flight, slot);
    if (flights.containsKey(flight.id)) takeovers.tick(flight, flights.size(), now);
  }

  private void keepPrepared(Slot slot, Course course) {
    boolean fits = slot.contingency != null && slot.contingency.fits(course.factor);
    if (fits || slot.contingencyComing || !course.has(slot.hash())) return;
    slot.contingencyComing = true;
    tower.prepareFor(slot, course.table.fleet(), course.factor);
  }

  /** Also on the source's own deployment. */
  private void embark(Flight flight, Slot local) {
    flight.leaveQueue();
    flight.takeover = local;
    local.inFlight++;
    feed(flight, local);
  }

  /** Sends the input on its way; tiles that can't be reached are told of by the links, as failures. */
  private void feed(Flight flight, Slot slot) {
    var unreachable = slot.feeder.feed(source.courier(), flight.id, flight.inputs());
    if (unreachable.isEmpty() || slot != flight.takeover && takeovers.begin(flight, unreachable, "out of reach", System.nanoTime())) return;
    fail(flight, new InferenceFailure(InferenceFailure.Kind.BUSY, "devices %s: cannot be reached".formatted(unreachable)));
  }

  /** Rows are together, or will not be. Takes {@code slices} over. */
  void landed(Flight flight, List<TensorSlice> slices, Throwable failure) {
    if (failure != null) fail(flight, flight.reason(Flight.plain(failure)));
    else if (flights.containsKey(flight.id) && System.nanoTime() - flight.deadlineNanos <= 0) complete(flight, slices);
    else {
      slices.forEach(TensorSlice::release);
      fail(flight, flight.late());
    }
  }

  private void complete(Flight flight, List<TensorSlice> slices) {
    OperatorGraph graph = flight.instance.prepared.graph();
    Map<String, TensorSlice> outputs;
    try {
      outputs = Answers.outputs(graph, flight.request.outputs(), flight.request.inputs(), slices, source.pool());
    } catch (RuntimeException e) {
      fail(flight, flight.reason(e));
      return;
    }
    long now = System.nanoTime();
    admission.pace().answered(now);
    Set<String> without = takeovers.conclude(flight, now);
    // What was overtaken took so long at least.
    boolean asPlanned = flight.lost.isEmpty() && flight.alone && flight.launches == launches;
    if (asPlanned) courses.measured(flight, (now - flight.launchNanos) * 1e-9, now);
    if (!flight.disturbed()) {
      flight.slot.warm = true;
      courses.standBy(flight.slot);
    }
    CompletableFuture<InferenceAnswer> measured = inexact.measured(flight, flight.answered(outputs, without, now));
    end(flight);
    measured.thenAccept(answer -> {
      if (flight.request.timeline()) timelines.of(flight).thenAccept(entries -> flight.deliver(answer.with(entries)));
      else flight.deliver(answer);
    });
  }

  private void fail(Flight flight, InferenceFailure why) {
    if (!flights.containsKey(flight.id)) return;
    if (flight.slot != null) {
      admission.pace().failed();
      deployer.forget(flight.slot, flight.id);
      source.joins().close(flight.id, why);
    }
    end(flight);
    flight.answer.completeExceptionally(why);
  }

  /** Fails all that wait in {@code waiting}. */
  void failAll(Deque<Flight> waiting, InferenceFailure why) {
    Flight.drain(waiting).forEach(flight -> fail(flight, why));
  }

  /** Fails those that have not begun. */
  void failQueued(Predicate<Flight> which, InferenceFailure why) {
    admission.fail(which, why);
  }

  /** Fails everything: nobody will look after it any more. */
  void abandon(InferenceFailure why) {
    failQueued(flight -> true, why);
    List.copyOf(flights.values()).forEach(flight -> fail(flight, why));
  }

  /** Whatever the end: gives back the input, frees the place for the next. */
  private void end(Flight flight) {
    flights.remove(flight.id);
    admission.ended(flight);
    flight.leaveQueue();
    flight.request.release();
    if (flight.instance != null) flight.instance.flights--;
    takeovers.forget(flight);
    if (flight.slot != null && flight.disturbed()) deployer.forget(flight.slot, flight.id);
    leaveTakeover(flight);
    if (flight.slot != null) deployer.ended(flight.slot);
    admission.expire(System.nanoTime());
    while (flights.size() < settings.maxInFlight() && !admission.empty()) begin(admission.next());
  }

  /** A tile will not deliver: computed here instead, unless it is this device's own kernel that fails. */
  void tileFailed(SourceEvent.TileFailed event) {
    Flight flight = flights.get(event.inference());
    if (flight == null || !flight.uses(event.deployment())) return;
    LOG.warn("{}: tile {} on {} failed ({}): {}", event.inference(), event.tile(), event.device(), event.cause(), event.reason());
    boolean here = event.device().equals(source.device()) && event.cause() != SourceEvent.Cause.UNREACHABLE;
    boolean planned = flight.slot != null && event.deployment().equals(flight.slot.id);
    flight.planFailed |= planned && !(here && Takeovers.spare(flight, event.tile()));
    if (planned && !here && takeovers.begin(flight, Takeovers.blamed(event, flight.slot), "failed", System.nanoTime())) return;
    if (planned && here && flight.disturbed()) {
      // One that stood by for another device, which may still deliver.
      boolean spare = flight.lost.isEmpty() && Takeovers.spare(flight, event.tile());
      flight.spareFailed |= spare;
      if (spare || takeovers.alone(flight, "failed again")) return;
    }
    if (flight.takenOver && planned) return;
    boolean busy = event.cause() == SourceEvent.Cause.EXHAUSTED || event.cause() == SourceEvent.Cause.BUSY;
    spareFailed(flight, new InferenceFailure(busy ? InferenceFailure.Kind.BUSY : InferenceFailure.Kind.BROKEN, event.reason()));
  }

  /** Ends what waited too long, and computes here what others are late with. */
  void tick(long now) {
    admission.expire(now);
    for (Flight flight : List.copyOf(flights.values())) {
      if (!flights.containsKey(flight.id)) continue;
      if (flight.slot == null && now - flight.deadlineNanos > 0)
        fail(flight, new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed before its plan was deployed"));
      else if (flight.slot == null && flight.halfOver(now)) goAlone(flight);
      else if (flight.slot != null) takeovers.tick(flight, flights.size(), now);
    }
  }

  /** Half of its time went by waiting for the others to be measured or deployed: it stops waiting for them. */
  private void goAlone(Flight flight) {
    if (flight.instance.prepared == null) tower.prepareAlone(flight.instance);
    else if (!flight.goal.equals(PlanGoal.LOCAL) && !courses.course(flight.instance, PlanGoal.LOCAL).waiting.contains(flight))
      hand(flight, PlanGoal.LOCAL);
  }
}
