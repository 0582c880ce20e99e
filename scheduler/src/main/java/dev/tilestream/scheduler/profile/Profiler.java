package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.KernelFailure;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Measures this device: each stage of a graph with its real kernel, on all its rows and on bands of them, and the whole graph as one
 * tile. Stages run one behind the other on what the stages before made of seeded inputs, so data-dependent ones see plausible data.
 * Computes on the calling thread; not to be called on an actor's.
 */
public final class Profiler {
  /** Shares of a stage's rows that are measured besides all of them, as the budget allows. */
  private static final double[] BANDS = {0.25, 0.08};
  /** Part of the budget that the whole graph may take. */
  private static final double WHOLE_GRAPH = 0.2;
  /** What is left of a stage's time with no rows, where no band was measured. */
  private static final double ASSUMED_FLOOR = 0.05;
  /** What a call costs at least, and how fast it then is, where nothing can be measured. */
  private static final double GUESSED_SECONDS = 50e-6;
  private static final double GUESSED_FLOPS_PER_SECOND = 10e9;
  /** Runs of a kernel even without budget, as long as they took less than {@link #QUICK_SECONDS} so far. */
  private static final int AT_LEAST = 3;
  private static final double QUICK_SECONDS = 0.05;

  private final Kernels kernels;
  private final BufferPool pool;
  private final ProfilerSettings settings;
  private final LongSupplier nanoClock;

  public Profiler(Kernels kernels, BufferPool pool, ProfilerSettings settings) {
    this(kernels, pool, settings, System::nanoTime);
  }

  /**
   * @param nanoClock nanoseconds since anything, read on the calling thread. Where kernels compute on that thread alone, its processor time
   *     ({@link #processorTime}) tells what they take whatever else the machine does
   */
  public Profiler(Kernels kernels, BufferPool pool, ProfilerSettings settings, LongSupplier nanoClock) {
    this.kernels = kernels;
    this.pool = pool;
    this.settings = settings;
    this.nanoClock = nanoClock;
  }

  /** The calling thread's processor time. */
  public static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** What this device, under the name {@code device}, takes for {@code graph}. Holds one inference's tensors while it runs, none after. */
  public DeviceProfile profile(String device, OperatorGraph graph, Power power) {
    try (LiveTensors live = LiveTensors.filled(graph, pool, settings.seed())) {
      long start = nanoClock.getAsLong();
      double fused = wholeGraph(graph, live, start);
      StageTime[] times = new StageTime[graph.stages().size()];
      List<List<Stage>> units = units(graph);
      for (int u = 0; u < units.size(); u++) measure(graph, units.get(u), live, times, pause(start, u, units.size()));
      double sum = Arrays.stream(times).mapToDouble(StageTime::whole).sum();
      List<StageTime> scaled = Arrays.stream(times).map(t -> t.times(1 / settings.speed())).toList();
      // Fusing does not cost. A ratio above 1 means that somebody else had the processor during the long run, which short ones slip past.
      double ratio = sum > 0 && fused > 0 ? Math.min(1, fused / sum) : 1;
      return new DeviceProfile(device, graph.hash(), scaled, ratio, DeviceProfile.DEFAULT_TILE_SECONDS, power);
    }
  }

  /** When the next of {@code units} should be done, if all that are left share what is left of the budget. */
  private long pause(long start, int unit, int units) {
    long now = nanoClock.getAsLong();
    long left = Math.max(0, start + settings.budget().toNanos() - now);
    return now + left / (units - unit);
  }

  /** Seconds of the whole graph as one tile; 0 when the graph computes nothing. */
  private double wholeGraph(OperatorGraph graph, LiveTensors live, long start) {
    List<Rows> outputs = graph.outputs().stream().distinct().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE)
        .map(t -> new Rows(t.id(), t.all())).toList();
    if (outputs.isEmpty()) return 0;
    Band band = Band.of(graph, IntStream.range(0, graph.stages().size()).boxed().toList(), outputs);
    long until = start + (long) (settings.budget().toNanos() * WHOLE_GRAPH);
    return seconds(band, live, until, false);
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

  /** Measures a unit until about {@code until}; its stages share the time by their work. Leaves its outputs in {@code live}. */
  private void measure(OperatorGraph graph, List<Stage> unit, LiveTensors live, StageTime[] times, long until) {
    List<Integer> ids = unit.stream().map(Stage::id).toList();
    List<Rows> all = live.wanted(ids).stream().map(t -> new Rows(t, graph.tensor(t).all())).toList();
    StageTime time = all.isEmpty() ? StageTime.linear(0, 0) : time(graph, unit, all, live, until);
    live.done(ids);
    double work = unit.stream().mapToDouble(s -> Math.max(1, s.flops())).sum();
    for (Stage s : unit) times[s.id()] = time.times(Math.max(1, s.flops()) / work);
  }

  private StageTime time(OperatorGraph graph, List<Stage> unit, List<Rows> all, LiveTensors live, long until) {
    List<Integer> ids = unit.stream().map(Stage::id).toList();
    List<double[]> points = new ArrayList<>();
    points.add(new double[] {1, seconds(Band.of(graph, ids, all), live, until, true)});
    if (unit.size() == 1 && unit.get(0).local() && !Double.isNaN(points.get(0)[1]))
      for (double share : BANDS) {
        if (nanoClock.getAsLong() - until >= 0) break;
        List<Rows> some = all.stream().map(r -> middle(r, share)).toList();
        Band band = Band.of(graph, ids, some);
        double done = StageShare.of(unit.get(0), band);
        if (done < 0.9 * points.get(0)[0]) points.add(0, new double[] {done, seconds(band, live, until, false)});
      }
    points.removeIf(p -> Double.isNaN(p[1]));
    if (points.isEmpty()) return guess(unit);
    double whole = points.get(points.size() - 1)[1];
    if (points.size() == 1) return StageTime.linear(ASSUMED_FLOOR * whole, whole);
    return new StageTime(points.stream().mapToDouble(p -> p[0]).toArray(), points.stream().mapToDouble(p -> p[1]).toArray());
  }

  /** For what cannot be measured before there is a request. */
  private static StageTime guess(List<Stage> unit) {
    double seconds = GUESSED_SECONDS + unit.stream().mapToLong(Stage::flops).sum() / GUESSED_FLOPS_PER_SECOND;
    return StageTime.linear(GUESSED_SECONDS, seconds);
  }

  /** About {@code share} of the rows, from the middle, where both neighbours send halos. */
  private static Rows middle(Rows rows, double share) {
    int all = rows.span().rows();
    int n = Math.max(1, (int) Math.round(all * share));
    int from = rows.span().from() + (all - n) / 2;
    return new Rows(rows.tensor(), new RowSpan(from, from + n));
  }

  /**
   * Least seconds of the band's kernel, what it takes undisturbed: once to warm up, then as often as settings and {@code until} allow.
   * Quick kernels run a few times whatever the budget says, since the making of a kernel alone may have used it up.
   *
   * @param keep whether its outputs become live
   * @return NaN where that cannot be known: the kernel refuses made-up inputs (axes, sizes and depths that only a real request has
   *     right), or a stage before it did
   */
  private double seconds(Band band, LiveTensors live, long until, boolean keep) {
    if (!live.hasInputs(band)) return Double.NaN;
    List<TensorSlice> inputs = live.inputs(band);
    try (Kernel kernel = kernels.create(band)) {
      double least = Double.POSITIVE_INFINITY;
      double spent = 0;
      for (int n = 0; n <= settings.repetitions(); n++) {
        boolean quick = n < AT_LEAST && spent < QUICK_SECONDS;
        if (n > 0 && !quick && nanoClock.getAsLong() - until >= 0) break;
        long start = nanoClock.getAsLong();
        List<TensorSlice> outputs;
        try {
          outputs = kernel.run(inputs, pool);
        } catch (KernelFailure onMadeUpInputs) {
          return Double.NaN;
        }
        double took = (nanoClock.getAsLong() - start) * 1e-9;
        if (keep && n == 0) live.put(outputs);
        else outputs.forEach(TensorSlice::release);
        least = Math.min(least, took);
        spent += took;
      }
      return least;
    } finally {
      inputs.forEach(TensorSlice::release);
    }
  }
}
