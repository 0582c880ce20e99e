package dev.tilestream.bench;

import ai.onnxruntime.OrtException;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.cli.Quantiles;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.LocalPlanner;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import dev.tilestream.zoo.Zoo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One device through the whole tile machinery against plain ONNX Runtime with the same number of threads. The sides take turns within
 * one process, so that both see the same machine; medians.
 */
final class LocalBench {
  /** Until the JVM has compiled what surrounds the kernels; at least this often and this long. */
  private static final int WARM_UP_RUNS = 4;
  private static final Duration WARM_UP = Duration.ofSeconds(2);

  private static final long INPUT_SEED = 1;

  private final int threads;
  private final int runs;
  private final Path cache;
  private final ProgressLines progress;

  /** One side's times, by run. */
  private static final class Side {
    final double[] millis;
    final double[] overheadMicros;

    Side(int runs) {
      millis = new double[runs];
      overheadMicros = new double[runs];
    }
  }

  LocalBench(int threads, int runs, Path cache, ProgressLines progress) {
    this.threads = threads;
    this.runs = runs;
    this.cache = cache;
    this.progress = progress;
  }

  List<LocalResult> run(List<Zoo> zoo) throws OrtException, InterruptedException {
    List<LocalResult> results = new ArrayList<>();
    for (Zoo z : zoo) results.add(measure(z));
    return results;
  }

  private LocalResult measure(Zoo zoo) throws OrtException, InterruptedException {
    progress.say("%s: preparing", zoo.word());
    Path file = zoo.file(cache);
    Map<String, Value> inputs;
    Map<String, Value> expected;
    try (Oracle oracle = Oracle.of(file, threads)) {
      inputs = oracle.randomInputs(INPUT_SEED);
      expected = oracle.run(inputs);
    }
    OperatorGraph graph = OnnxImporter.load(file, Map.of(), cache.resolve("imported"));
    KernelSettings usual = KernelSettings.from(ConfigFactory.defaultReference());
    KernelSettings settings = new KernelSettings(threads, usual.backend(), usual.measureBudget());
    try (Kernels kernels = Kernels.of(settings); PlainRuntime plain = new PlainRuntime(file, threads, inputs)) {
      try (SingleDevice device = new SingleDevice(kernels)) {
        return measure(zoo, graph, device, plain, inputs, expected);
      }
    } finally {
      graph.weights().close();
    }
  }

  private LocalResult measure(
      Zoo zoo, OperatorGraph graph, SingleDevice device, PlainRuntime plain, Map<String, Value> inputs, Map<String, Value> expected)
      throws OrtException, InterruptedException {
    Plan local = local(graph);
    Plan finest = finest(graph);
    SingleDevice.Deployed whole = device.deploy(graph, local);
    SingleDevice.Deployed staged = device.deploy(graph, finest);
    List<TensorSlice> slices = new ArrayList<>();
    for (int id : graph.inputs()) slices.add(inputs.get(graph.tensor(id).name()).slice(device.pool(), id, graph.tensor(id).axis()));
    double deviation = Math.max(deviation(graph, whole.infer(slices), expected), deviation(graph, staged.infer(slices), expected));
    Side ours = new Side(runs);
    Side fine = new Side(runs);
    double[] plainMillis = new double[runs];
    warmUp(whole, slices);
    warmUp(staged, slices);
    progress.say("%s: %d runs", zoo.word(), runs);
    for (int r = -WARM_UP_RUNS; r < runs; r++) {
      // Who goes second finds caches that the first has filled with its own weights; so they swap.
      boolean first = r % 2 == 0;
      if (first) time(device, whole, slices, ours, r, local.tiles().size());
      long start = System.nanoTime();
      plain.run();
      if (r >= 0) plainMillis[r] = (System.nanoTime() - start) / 1e6;
      if (!first) time(device, whole, slices, ours, r, local.tiles().size());
    }
    for (int r = -WARM_UP_RUNS; r < runs; r++) time(device, staged, slices, fine, r, finest.tiles().size());
    slices.forEach(TensorSlice::release);
    return new LocalResult(
        zoo.word(), threads, local.tiles().size(), Quantiles.median(ours.millis), Quantiles.median(plainMillis),
        finest.tiles().size(), Quantiles.median(fine.millis),
        Quantiles.median(fine.overheadMicros), deviation);
  }

  private static void warmUp(SingleDevice.Deployed deployed, List<TensorSlice> inputs) {
    long start = System.nanoTime();
    for (int r = 0; r < WARM_UP_RUNS || System.nanoTime() - start < WARM_UP.toNanos(); r++) deployed.infer(inputs).forEach(TensorSlice::release);
  }

  private static void time(SingleDevice device, SingleDevice.Deployed deployed, List<TensorSlice> inputs, Side side, int run, int tiles) {
    long kernels = device.kernelNanos();
    long start = System.nanoTime();
    List<TensorSlice> outputs = deployed.infer(inputs);
    long nanos = System.nanoTime() - start;
    outputs.forEach(TensorSlice::release);
    if (run < 0) return;
    side.millis[run] = nanos / 1e6;
    side.overheadMicros[run] = (nanos - (device.kernelNanos() - kernels)) / 1e3 / tiles;
  }

  private static double deviation(OperatorGraph graph, List<TensorSlice> outputs, Map<String, Value> expected) {
    double most = 0;
    for (TensorSlice output : outputs) {
      most = Math.max(most, expected.get(graph.tensor(output.tensor()).name()).deviation(Value.copyOf(output)));
      output.release();
    }
    return most;
  }

  /** As the planner of strategy {@code local} makes it; that one does not depend on how fast stages are. */
  private static Plan local(OperatorGraph graph) {
    List<StageTime> alike = graph.stages().stream().map(s -> StageTime.linear(0, 1e-3)).toList();
    DeviceProfile profile = new DeviceProfile(SingleDevice.NAME, graph.hash(), alike, 1, DeviceProfile.DEFAULT_TILE_SECONDS, Power.ROBOT);
    return new LocalPlanner().plan(graph, Fleet.uniform(List.of(profile), LinkEstimate.ofMegabits(100, 1)), PlanOptions.DEFAULT);
  }

  /** One tile per stage. */
  private static Plan finest(OperatorGraph graph) {
    Set<Integer> read = new HashSet<>(graph.outputs());
    graph.stages().forEach(s -> read.addAll(s.inputs()));
    List<Tile> tiles = new ArrayList<>();
    for (Stage s : graph.stages()) {
      List<Rows> outputs =
          s.outputs().stream().filter(read::contains).map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE)
              .map(t -> new Rows(t.id(), t.all())).toList();
      if (!outputs.isEmpty()) tiles.add(new Tile(tiles.size(), Plan.SOURCE, List.of(s.id()), outputs, s.id()));
    }
    return new Plan(graph.hash(), Strategy.LOCAL, List.of(SingleDevice.NAME), tiles, Double.NaN, Double.NaN, true);
  }
}
