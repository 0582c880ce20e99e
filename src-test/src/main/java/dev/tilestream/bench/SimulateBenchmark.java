package dev.tilestream.bench;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import dev.tilestream.scheduler.simulate.LinkSchedule;
import dev.tilestream.scheduler.simulate.LinkSchedules;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.scheduler.simulate.Workload;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.zoo.Zoo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What it takes to judge one plan of densenet121 on three devices, step by step: receptive fields of every tile ({@link #bands}), who owes
 * whom which rows ({@link #routes}), both and the arrays made of them ({@link #workload}), and the run itself ({@link #simulate}; over links
 * that change every 100 ms, {@link #simulateTrace}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class SimulateBenchmark {
  private static final int DEVICES = 3;

  /** Stages in one tile. */
  @Param({"1", "12"})
  public int run;

  /** Tiles that a device makes of each run of stages. */
  @Param({"16", "1"})
  public int tiles;

  private OperatorGraph graph;
  private Plan plan;
  private Fleet fleet;
  private Routes routes;
  private List<Band> bands;
  private Workload work;
  private final Simulator simulator = new Simulator();
  private LinkSchedules trace;

  @Setup
  public void plan() {
    Path cache = Zoo.defaultCache();
    graph = OnnxImporter.load(Zoo.DENSENET121.file(cache), Map.of(), cache.resolve("imported"));
    List<DeviceProfile> devices = IntStream.range(0, DEVICES).mapToObj(d -> profile("d" + d, d == 0 ? 1e9 : 1e10)).toList();
    fleet = Fleet.uniform(devices, LinkEstimate.ofMegabits(93, 1));
    plan = new Plan(graph.hash(), Strategy.EVEN, fleet.names(), tiling(), Double.NaN, Double.NaN, true);
    routes = Routes.of(graph, plan);
    bands = routes.bands();
    work = Workload.of(graph, plan, fleet);
    trace = LinkSchedules.all(LinkSchedule.sampled(new double[] {93e6 / 8, 40e6 / 8, 0, 10e6 / 8, 70e6 / 8}, 0.1));
    System.out.printf("%d stages, %d tiles, %d messages%n", graph.stages().size(), work.tiles(), work.messages());
  }

  private DeviceProfile profile(String name, double flopsPerSecond) {
    List<StageTime> stages = graph.stages().stream().map(s -> StageTime.linear(30e-6, 30e-6 + s.flops() / flopsPerSecond)).toList();
    return new DeviceProfile(name, graph.hash(), stages, 0.9, DeviceProfile.DEFAULT_TILE_SECONDS, Power.ROBOT);
  }

  /** Every run of local stages cut evenly over all devices; the others at the source. */
  private List<Tile> tiling() {
    List<Tile> all = new ArrayList<>();
    for (int from = 0, to; from < graph.stages().size(); from = to) {
      to = from + 1;
      boolean local = graph.stage(from).local();
      while (local && to < graph.stages().size() && to - from < run && graph.stage(to).local()) to++;
      List<Integer> stages = IntStream.range(from, to).boxed().toList();
      int pieces = local ? DEVICES * tiles : 1;
      for (int p = 0; p < pieces; p++) {
        List<Rows> rows = rows(from, to, p, pieces);
        if (!rows.isEmpty()) all.add(new Tile(all.size(), p * DEVICES / pieces, stages, rows, all.size()));
      }
    }
    return all;
  }

  private List<Rows> rows(int from, int to, int piece, int pieces) {
    List<Rows> rows = new ArrayList<>();
    for (int s = from; s < to; s++)
      for (int t : graph.stage(s).outputs()) {
        Tensor tensor = graph.tensor(t);
        boolean read = graph.outputs().contains(t);
        for (Stage later : graph.stages()) read |= later.id() >= to && later.inputs().contains(t);
        int first = tensor.rows() * piece / pieces;
        int end = tensor.rows() * (piece + 1) / pieces;
        if (read && first < end) rows.add(new Rows(t, new RowSpan(first, end)));
      }
    return rows;
  }

  @Benchmark
  public Object bands() {
    List<Band> made = new ArrayList<>();
    for (Tile t : plan.tiles()) made.add(t.band(graph));
    return made;
  }

  @Benchmark
  public Object routes() {
    return Routes.of(graph, plan, t -> bands.get(t.id()));
  }

  @Benchmark
  public Object workload() {
    return Workload.of(graph, plan, fleet);
  }

  @Benchmark
  public Object simulate() {
    return simulator.run(work, fleet);
  }

  @Benchmark
  public Object simulateTrace() {
    return simulator.run(work, fleet, trace, 0.05);
  }

  /** @param arguments a pattern of methods; none: all */
  public static void main(String[] arguments) throws RunnerException {
    String methods = arguments.length == 0 ? ".*" : arguments[0];
    new Runner(new OptionsBuilder().include(SimulateBenchmark.class.getName() + "\\..*" + methods).build()).run();
  }
}
