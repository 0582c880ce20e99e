package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Measures this device: each stage of a graph with its real kernel, on all its rows and on bands of them, and the whole graph as one
 * tile. Stages run one behind the other on what the stages before made of seeded inputs, so data-dependent ones see plausible data.
 * Blocks for seconds; not to be called on an actor's thread. Thread-safe.
 */
public final class Profiler {
  /** Shares of a stage's rows that are measured besides all of them, as the budget allows. */
  private static final double[] BANDS = {0.25, 0.08};
  /** Part of the budget that the whole graph may take. */
  private static final double WHOLE_GRAPH = 0.2;
  /** Part of the budget that is kept for {@link ColdRounds}. */
  private static final double COLD_ROUNDS = 0.25;
  /** What is left of a stage's time with no rows, where no band was measured. */
  private static final double ASSUMED_FLOOR = 0.05;
  /** What a call costs at least, and how fast it then is, where nothing can be measured. */
  private static final double GUESSED_CALL_SECONDS = 50e-6;
  private static final double GUESSED_FLOPS_PER_SECOND = 10e9;
  /** Of the whole graph's time in one tile over that of its stages, where it was not measured: nearly nothing is fused away. */
  private static final double ASSUMED_RATIO = 0.95;
  /** How fast memory is read and written where nobody measured: tells stages that compute from those that copy. */
  private static final double GUESSED_BYTES_PER_SECOND = 5e9;
  /** How long to wait for a quiet moment: somebody may wait for an estimate, nobody for the measuring. */
  private static final long ESTIMATE_PATIENCE = 200_000_000L;
  private static final long MEASURE_PATIENCE = 5_000_000_000L;

  private final Kernels kernels;
  private final BufferPool pool;
  private final ProfilerSettings settings;
  private final LongSupplier nanoClock;
  private final Turns turns;

  public Profiler(Kernels kernels, BufferPool pool, ProfilerSettings settings) {
    this(kernels, pool, settings, System::nanoTime);
  }

  /** For a device that nobody else uses. */
  public Profiler(Kernels kernels, BufferPool pool, ProfilerSettings settings, LongSupplier nanoClock) {
    this(kernels, pool, settings, nanoClock, Turns.AT_ONCE);
  }

  /**
   * @param nanoClock nanoseconds since anything, read on the thread that computes. Where kernels compute on that thread alone, its
   *     processor time ({@link #processorTime}) tells what they take whatever else the machine does
   * @param turns who lets it compute
   */
  public Profiler(Kernels kernels, BufferPool pool, ProfilerSettings settings, LongSupplier nanoClock, Turns turns) {
    this.kernels = kernels;
    this.pool = pool;
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.turns = turns;
  }

  private KernelTimer timer() {
    return new KernelTimer(kernels, pool, turns, nanoClock, settings.repetitions());
  }

  /** The calling thread's processor time. */
  public static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /**
   * What this device probably takes for {@code graph}, quickly: the whole graph as one tile, run a few times, its time divided between the
   * stages by their arithmetic and their memory traffic. Where inferences run meanwhile, nothing is run and all is guessed.
   */
  public DeviceProfile estimate(String device, OperatorGraph graph, Power power) {
    double whole = 0;
    if (turns.quiet(ESTIMATE_PATIENCE))
      try (LiveTensors live = LiveTensors.filled(graph, pool, settings.seed())) {
        whole = wholeGraph(graph, live, timer(), 0);
      }
    double[] guessed = graph.stages().stream().mapToDouble(s -> guessedSeconds(graph, s)).toArray();
    double sum = Arrays.stream(guessed).sum();
    double scale = (whole > 0 && sum > 0 ? whole / ASSUMED_RATIO / sum : 1) / settings.speed();
    List<StageTime> times =
        Arrays.stream(guessed).mapToObj(seconds -> StageTime.linear(ASSUMED_FLOOR * seconds * scale, seconds * scale)).toList();
    return new DeviceProfile(device, graph.hash(), times, ASSUMED_RATIO, DeviceProfile.DEFAULT_TILE_SECONDS, power);
  }

  private static double guessedSeconds(OperatorGraph graph, Stage stage) {
    double bytes = 0;
    for (List<Integer> tensors : List.of(stage.inputs(), stage.outputs()))
      for (int t : tensors) {
        Tensor tensor = graph.tensor(t);
        if (tensor.type() != null && tensor.shape() != null) bytes += (double) tensor.type().bytes() * tensor.shape().elements();
      }
    return GUESSED_CALL_SECONDS + stage.flops() / GUESSED_FLOPS_PER_SECOND + bytes / GUESSED_BYTES_PER_SECOND;
  }

  /** What this device, under the name {@code device}, takes for {@code graph}. Holds one inference's tensors while it runs, none after. */
  public DeviceProfile profile(String device, OperatorGraph graph, Power power) {
    KernelTimer timer = timer();
    try (LiveTensors live = LiveTensors.filled(graph, pool, settings.seed()); AirShares shares = new AirShares(graph, pool, settings.packing())) {
      boolean quiet = turns.quiet(MEASURE_PATIENCE);
      double fused = quiet ? wholeGraph(graph, live, timer, (long) (settings.budget().toNanos() * WHOLE_GRAPH)) : 0;
      StageTime[] times = new StageTime[graph.stages().size()];
      List<List<Stage>> units = units(graph);
      for (int u = 0; u < units.size(); u++) measure(graph, units.get(u), live, shares, times, timer, pause(timer, u, units.size()));
      ColdRounds cold = quiet ? ColdRounds.measure(graph, times, timer, pool, settings.budget().toNanos()) : ColdRounds.none(graph);
      for (int s = 0; s < times.length; s++) times[s] = times[s].plus(cold.stageSeconds()[s]);
      double sum = Arrays.stream(times).mapToDouble(StageTime::whole).sum();
      List<StageTime> scaled = Arrays.stream(times).map(t -> t.times(1 / settings.speed())).toList();
      double tile = DeviceProfile.DEFAULT_TILE_SECONDS + cold.tileSeconds() / settings.speed();
      // Fusing does not cost. A ratio above 1 means that somebody else had the processor during the long run, which short ones slip past.
      double ratio = sum > 0 && fused > 0 ? Math.min(1, fused / sum) : quiet ? 1 : ASSUMED_RATIO;
      return new DeviceProfile(device, graph.hash(), scaled, ratio, tile, power, shares.all());
    }
  }

  /** What should be spent when the next of {@code units} is done, if all that are left share what is left of the budget. */
  private long pause(KernelTimer timer, int unit, int units) {
    long left = Math.max(0, (long) (settings.budget().toNanos() * (1 - COLD_ROUNDS)) - timer.spentNanos());
    return timer.spentNanos() + left / (units - unit);
  }

  /** Seconds of the whole graph as one tile; 0 when the graph computes nothing, or can't without a real request. */
  private static double wholeGraph(OperatorGraph graph, LiveTensors live, KernelTimer timer, long untilNanos) {
    List<Rows> outputs = graph.outputs().stream().distinct().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE)
        .map(t -> new Rows(t.id(), t.all())).toList();
    if (outputs.isEmpty()) return 0;
    Band band = Band.of(graph, IntStream.range(0, graph.stages().size()).boxed().toList(), outputs);
    double seconds = timer.seconds(band, live, untilNanos, false);
    return Double.isNaN(seconds) ? 0 : seconds;
  }

  /** Stages that must run together since what passes between them has no fixed-size elements; nearly always single ones. */
  private static List<List<Stage>> units(OperatorGraph graph) {
    int[] lastReader = new int[graph.tensors().size()];
    for (Stage s : graph.stages()) for (int t : s.inputs()) lastReader[t] = s.id();
    List<List<Stage>> units = new ArrayList<>();
    List<Stage> unit = new ArrayList<>();
    int bound = -1;
    for (Stage s : graph.stages()) {
      unit.add(s);
      for (int t : s.outputs()) if (graph.tensor(t).type() == null) bound = Math.max(bound, lastReader[t]);
      if (bound > s.id()) continue;
      units.add(unit);
      unit = new ArrayList<>();
    }
    return units;
  }

  /** Measures a unit until about {@code untilNanos} are spent; its stages share the time by their work. Leaves its outputs in {@code live}. */
  private static void measure(
      OperatorGraph graph, List<Stage> unit, LiveTensors live, AirShares shares, StageTime[] times, KernelTimer timer, long untilNanos) {
    List<Integer> ids = unit.stream().map(Stage::id).toList();
    List<Rows> all = live.wanted(ids).stream().map(t -> new Rows(t, graph.tensor(t).all())).toList();
    StageTime time = all.isEmpty() ? StageTime.linear(0, 0) : time(graph, unit, all, live, timer, untilNanos);
    shares.measure(live, live.wanted(ids));
    live.done(ids);
    double work = unit.stream().mapToDouble(s -> Math.max(1, s.flops())).sum();
    for (Stage s : unit) times[s.id()] = time.times(Math.max(1, s.flops()) / work);
  }

  private static StageTime time(
      OperatorGraph graph, List<Stage> unit, List<Rows> all, LiveTensors live, KernelTimer timer, long untilNanos) {
    List<Integer> ids = unit.stream().map(Stage::id).toList();
    List<double[]> points = new ArrayList<>();
    points.add(new double[] {1, timer.seconds(Band.of(graph, ids, all), live, untilNanos, true)});
    if (unit.size() == 1 && unit.get(0).local() && !Double.isNaN(points.get(0)[1]))
      for (double share : BANDS) {
        if (timer.spentNanos() >= untilNanos) break;
        List<Rows> some = all.stream().map(r -> middle(r, share)).toList();
        Band band = Band.of(graph, ids, some);
        double done = StageShare.of(unit.get(0), band);
        if (done < 0.9 * points.get(0)[0]) points.add(0, new double[] {done, timer.seconds(band, live, untilNanos, false)});
      }
    points.removeIf(p -> Double.isNaN(p[1]));
    if (points.isEmpty()) return guess(graph, unit);
    double whole = points.get(points.size() - 1)[1];
    if (points.size() == 1) return StageTime.linear(ASSUMED_FLOOR * whole, whole);
    return new StageTime(points.stream().mapToDouble(p -> p[0]).toArray(), points.stream().mapToDouble(p -> p[1]).toArray());
  }

  /** For what cannot be measured before there is a request. */
  private static StageTime guess(OperatorGraph graph, List<Stage> unit) {
    return StageTime.linear(GUESSED_CALL_SECONDS, unit.stream().mapToDouble(s -> guessedSeconds(graph, s)).sum());
  }

  /** About {@code share} of the rows, from the middle, where both neighbours send halos. */
  private static Rows middle(Rows rows, double share) {
    int all = rows.span().rows();
    int n = Math.max(1, (int) Math.round(all * share));
    int from = rows.span().from() + (all - n) / 2;
    return new Rows(rows.tensor(), new RowSpan(from, from + n));
  }
}
