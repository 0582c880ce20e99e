package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.japi.function.Function;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tensor.wire.MemoryCarrier;
import dev.tilestream.tile.SourceEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * The inferences of one source. Admits (bounded), picks the plan's deployment, feeds it the input, joins the answer. An inference whose
 * deployment fails or is late is fed to the source's own {@code local} deployment as well; the first rows to come count, so that it
 * ends whatever happens to others. Decides in {@link Flights}, {@link Courses} and {@link Deployer}; this is their mailbox.
 */
public final class SchedulerActor extends AbstractBehavior<SchedulerActor.Command> {
  public sealed interface Command {}

  /** Run this; {@code answer} is completed with the answer or an {@link InferenceFailure}. Takes over the request's memory. */
  public record Infer(InferenceRequest request, CompletableFuture<InferenceAnswer> answer) implements Command, MemoryCarrier {
    @Override
    public void lost() {
      Flight.refuse(request, answer, stops());
    }
  }

  /** These devices may be used from now on, all others not any more. */
  public record PeersChanged(Map<String, Peer> peers) implements Command {
    public PeersChanged {
      peers = Map.copyOf(peers);
    }
  }

  /** Devices may have come, or have loaded models: measure again where they are missing. */
  public record Refresh() implements Command {}

  /** Deploy the model's default strategy and {@code local}, so that the first request finds them. */
  public record WarmUp(LoadedModel model, Map<String, Shape> shapes, CompletableFuture<Void> done) implements Command {}

  /**
   * What is known of a device's speed for a graph is now {@code profile}: measured at last where it was guessed, or corrected by what tiles
   * really took.
   */
  public record ProfileChanged(DeviceProfile profile) implements Command {}

  /** The model is unloaded: what runs finishes, then its deployments go. */
  public record ModelRemoved(String sha256) implements Command {}

  /** Which plans there are and why, by goal; of all models, or of those of that name. */
  public record DescribePlans(Optional<String> model, CompletableFuture<List<PlanReport>> reports) implements Command {}

  private record PreparedEvent(ModelInstance instance, boolean alone, Models.Prepared prepared, Throwable failure) implements Command {}

  private record PlannedEvent(Courses.Job job, PlanTable table, Throwable failure) implements Command {}

  private record FromDevice(SourceEvent event) implements Command {}

  private record Landed(Flight flight, List<TensorSlice> slices, Throwable failure) implements Command, MemoryCarrier {
    @Override
    public void lost() {
      if (slices != null) slices.forEach(TensorSlice::release);
    }
  }

  private record ContingencyEvent(Slot slot, Contingency contingency, Throwable failure) implements Command {}

  private record Tick() implements Command {}

  static final Duration TICK = Duration.ofMillis(25);
  /** Plans are looked at every so many ticks. */
  private static final int LOOK = 6;

  /** For other threads. */
  private final ActorRef<Command> self;
  private final SourceRuntime source;
  private final Models models;
  private final SchedulerSettings settings;
  private final KnownFleet known;
  private final Deployer deployer;
  private final Courses courses;
  private final Flights flights;
  private final WarmUps warmUps;
  private final Preparations preparations;
  private final Soundings soundings;
  private long ticks;

  /** For plans that nobody waits for: kernels go before, where the platform heeds priorities. */
  private final ExecutorService planner =
      Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "tilestream-planner");
        thread.setDaemon(true);
        thread.setPriority(Thread.MIN_PRIORITY);
        return thread;
      });

  private SchedulerActor(
      ActorContext<Command> context, TimerScheduler<Command> timers, SourceRuntime source, Models models, SchedulerSettings settings) {
    super(context);
    self = context.getSelf();
    this.source = source;
    this.models = models;
    this.settings = settings;
    preparations = new Preparations(settings.maxInstances(), new PreparationListener());
    ActorRef<SourceEvent> events = context.messageAdapter(SourceEvent.class, FromDevice::new);
    soundings = new Soundings(source.courier(), System.nanoTime());
    known = new KnownFleet(source.device(), source.incarnation(), settings.medium());
    deployer = new Deployer(source, events, settings, new DeploymentListener());
    courses = new Courses(settings, known, deployer, new Random(source.incarnation()), new CourseListener());
    Timelines timelines = new Timelines(context.getSystem().scheduler());
    flights = new Flights(source, settings, deployer, courses, timelines, new FlightTower());
    warmUps = new WarmUps(courses);
    timers.startTimerWithFixedDelay(new Tick(), TICK);
  }

  public static Behavior<Command> create(SourceRuntime source, Models models, SchedulerSettings settings) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new SchedulerActor(context, timers, source, models, settings)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Infer.class, guarded(this::onInfer))
        .onMessage(Landed.class, guarded(m -> flights.landed(m.flight, m.slices, m.failure)))
        .onMessage(FromDevice.class, guarded(this::onDevice))
        .onMessage(Tick.class, guarded(this::onTick))
        .onMessage(PreparedEvent.class, guarded(m -> preparations.done(m.instance, m.alone, m.prepared, Flight.plain(m.failure))))
        .onMessage(PlannedEvent.class, guarded(m -> courses.planned(m.job, m.table, Flight.plain(m.failure))))
        .onMessage(ContingencyEvent.class, guarded(this::onContingency))
        .onMessage(PeersChanged.class, guarded(this::onPeersChanged))
        .onMessage(Refresh.class, guarded(m -> preparations.refresh()))
        .onMessage(WarmUp.class, guarded(this::onWarmUp))
        .onMessage(ModelRemoved.class, guarded(this::onModelRemoved))
        .onMessage(ProfileChanged.class, guarded(m -> preparations.profileChanged(m.profile)))
        .onMessage(DescribePlans.class, guarded(m -> m.reports.complete(PlanReport.of(preparations.all(), m.model))))
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  /** A bug costs the inferences under way, not the source: what was admitted is answered, and the next ones are served. */
  private <M> Function<M, Behavior<Command>> guarded(Consumer<M> handler) {
    return message -> {
      try {
        handler.accept(message);
      } catch (RuntimeException e) {
        getContext().getLog().error("at {}: every inference under way fails", message.getClass().getSimpleName(), e);
        abandon(new InferenceFailure(InferenceFailure.Kind.BROKEN, "scheduler: " + e, Duration.ZERO, e));
      }
      return this;
    };
  }

  private Behavior<Command> onStop() {
    planner.shutdownNow();
    abandon(stops());
    return this;
  }

  private static InferenceFailure stops() {
    return new InferenceFailure(InferenceFailure.Kind.BUSY, "this node stops");
  }

  private void abandon(InferenceFailure why) {
    flights.abandon(why);
    warmUps.abandon(why);
  }

  private void onInfer(Infer message) {
    InferenceRequest request = message.request;
    LoadedModel found = models.find(request.model(), request.version()).orElse(null);
    if (found == null) {
      String name = request.model() + request.version().map(v -> " version " + v).orElse("");
      refuse(message, InferenceFailure.Kind.NOT_FOUND, "model %s: not loaded".formatted(name));
      return;
    }
    String fault = InputCheck.firstFault(found, request.inputs(), request.outputs()).orElse(null);
    if (fault != null) {
      refuse(message, InferenceFailure.Kind.BAD_REQUEST, fault);
      return;
    }
    soundings.asked(System.nanoTime());
    flights.admit(found.taking(request.inputs()), request, message.answer);
  }

  private static void refuse(Infer message, InferenceFailure.Kind kind, String why) {
    Flight.refuse(message.request, message.answer, new InferenceFailure(kind, why));
  }

  private void onDevice(FromDevice message) {
    if (message.event instanceof SourceEvent.Deployed e) deployer.deployed(e);
    else if (message.event instanceof SourceEvent.Refused e) deployer.refused(e);
    else if (message.event instanceof SourceEvent.StandsBy e) deployer.standsBy(e);
    else if (message.event instanceof SourceEvent.Undeployed e) deployer.undeployed(e);
    else if (message.event instanceof SourceEvent.TileFailed e) flights.tileFailed(e);
  }

  private void onContingency(ContingencyEvent message) {
    message.slot.contingencyComing = false;
    if (message.failure == null) message.slot.contingency = message.contingency;
    else getContext().getLog().error("plan {}: nobody knows when it is late", message.slot.hash(), message.failure);
  }

  private void onTick(Tick message) {
    long now = System.nanoTime();
    deployer.tick(now);
    flights.tick(now);
    preparations.tick(now);
    if (ticks++ % LOOK != 0) return;
    known.look();
    soundings.tick(now);
    for (ModelInstance instance : preparations.all()) courses.tick(instance, now);
  }

  private void onPeersChanged(PeersChanged message) {
    known.peersChanged(message.peers);
    soundings.peersChanged(message.peers.keySet());
    deployer.peersChanged(message.peers);
    for (ModelInstance instance : preparations.all()) {
      instance.suspicion(settings.suspectFor()).shorten(System.nanoTime());
      courses.devicesChanged(instance);
    }
    preparations.refresh();
  }

  private void onWarmUp(WarmUp message) {
    warmUps.add(preparations.use(message.model, message.shapes), PlanGoal.standard(message.model), message.done);
  }

  private void onModelRemoved(ModelRemoved message) {
    InferenceFailure gone = new InferenceFailure(InferenceFailure.Kind.NOT_FOUND, "the model was unloaded");
    flights.failQueued(flight -> flight.model.sha256().equals(message.sha256), gone);
    for (ModelInstance instance : preparations.remove(message.sha256)) {
      flights.failAll(instance.waiting, gone);
      warmUps.failed(instance, gone);
      for (Course course : instance.courses.values()) flights.failAll(course.waiting, gone);
      deployer.retireAll(instance);
    }
  }

  private final class FlightTower implements Flights.Tower {
    @Override
    public ModelInstance instance(LoadedModel model, Map<String, Shape> shapes) {
      return preparations.use(model, shapes);
    }

    @Override
    public void prepareAlone(ModelInstance instance) {
      preparations.prepareAlone(instance);
    }

    @Override
    public void prepareFor(Slot slot, Fleet fleet, double factor) {
      getContext().pipeToSelf(
          CompletableFuture.supplyAsync(() -> Contingency.of(slot.instance.prepared.graph(), slot.plan(), fleet, factor), source.background()),
          (contingency, failure) -> new ContingencyEvent(slot, contingency, failure));
    }

    @Override
    public void landed(Flight flight, List<TensorSlice> slices, Throwable failure) {
      self.tell(new Landed(flight, slices, failure));
    }
  }

  private final class PreparationListener implements Preparations.Listener {
    @Override
    public void prepare(ModelInstance instance, boolean alone) {
      Map<String, Shape> shapes = instance.key.shapes();
      getContext().pipeToSelf(
          alone ? models.prepareAlone(instance.model, shapes) : models.prepare(instance.model, shapes),
          (prepared, failure) -> new PreparedEvent(instance, alone, prepared, failure));
    }

    @Override
    public void ready(ModelInstance instance, boolean alone) {
      courses.devicesChanged(instance);
      Flight.drain(instance.waiting).forEach(flights::dispatch);
      if (!alone) warmUps.prepared(instance);
    }

    @Override
    public void failed(ModelInstance instance, Throwable failure) {
      InferenceFailure.Kind kind =
          failure instanceof ModelRefused ? InferenceFailure.Kind.BAD_REQUEST : InferenceFailure.Kind.BROKEN;
      String why = "model %s: %s".formatted(instance.model.name(), failure.getMessage());
      InferenceFailure refusal = new InferenceFailure(kind, why, Duration.ZERO, failure);
      flights.failAll(instance.waiting, refusal);
      warmUps.failed(instance, refusal);
    }

    @Override
    public void surplus(ModelInstance instance) {
      deployer.retireAll(instance);
    }
  }

  private final class CourseListener implements Courses.Listener {
    @Override
    public void plan(Courses.Job job) {
      getContext().pipeToSelf(
          CompletableFuture.supplyAsync(job::run, job.urgent() ? source.background() : planner),
          (table, failure) -> new PlannedEvent(job, table, failure));
    }

    @Override
    public void open(Course course) {
      flights.open(course);
      warmUps.check();
    }

    @Override
    public void failed(Course course, InferenceFailure why) {
      flights.courseFailed(course, why);
      warmUps.check();
    }
  }

  private final class DeploymentListener implements Deployer.Listener {
    @Override
    public void live(Slot slot) {
      courses.slotLive(slot);
    }

    @Override
    public void failed(Slot slot, InferenceFailure why) {
      courses.slotFailed(slot, why);
    }

    @Override
    public void lost(Slot slot, Set<String> devices, InferenceFailure why) {
      courses.devicesChanged(slot.instance);
      flights.slotLost(slot, devices, why);
    }
  }
}
