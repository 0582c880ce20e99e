package dev.tilestream.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.KernelSettings.Backend;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.zoo.RandomGraphs;
import dev.tilestream.zoo.Value;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What bands compute that see no further than a horizon. */
class TruncatedHaloTest {
  private static final int EVERYTHING = Horizon.MOST;
  private static final double TOLERANCE = 1e-5;

  private final List<String> wrong = new ArrayList<>();

  /** Every run of local stages shared by two devices at {@code edge}, each seeing {@code halo} rows of the input beyond. */
  private static Plan plan(OperatorGraph graph, double edge, int halo, List<Integer> ends) {
    List<Tile> tiles = new ArrayList<>();
    int from = 0;
    for (int end : ends) {
      List<Integer> stages = IntStream.range(from, end).boxed().toList();
      boolean local = stages.stream().map(graph::stage).allMatch(Stage::local);
      List<Integer> owed = RandomPlans.owed(graph, stages);
      if (local) {
        add(tiles, graph, stages, owed, 0, Horizon.of(0, edge, halo));
        add(tiles, graph, stages, owed, 1, Horizon.of(edge, 1, halo));
      } else {
        add(tiles, graph, stages, owed, 0, Horizon.EXACT);
      }
      from = end;
    }
    boolean exact = tiles.stream().allMatch(t -> t.band(graph).exact());
    return new Plan(graph.hash(), Strategy.PUBLISHED, List.of("source", "peer"), tiles, Double.NaN, Double.NaN, exact);
  }

  private static void add(List<Tile> tiles, OperatorGraph graph, List<Integer> stages, List<Integer> owed, int device, Horizon horizon) {
    List<Rows> outputs = new ArrayList<>();
    for (int t : owed) share(graph.tensor(t), horizon, 0).ifPresent(span -> outputs.add(new Rows(t, span)));
    if (!outputs.isEmpty()) tiles.add(new Tile(tiles.size(), device, stages, outputs, tiles.size(), horizon));
  }

  private static java.util.Optional<RowSpan> share(Tensor t, Horizon horizon, int halo) {
    int from = Math.max(0, (int) Math.round(horizon.from() * t.rows()) - halo);
    int to = Math.min(t.rows(), (int) Math.round(horizon.to() * t.rows()) + halo);
    return from < to ? java.util.Optional.of(new RowSpan(from, to)) : java.util.Optional.empty();
  }

  private static List<Integer> ends(OperatorGraph graph, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TreeSet<Integer> ends = new TreeSet<>(List.of(graph.stages().size()));
    for (int i = random.nextInt(3); i > 0; i--) ends.add(random.nextInt(1, graph.stages().size() + 1));
    return List.copyOf(ends);
  }

  private static Kernels kernels(Backend backend) {
    return Kernels.of(new KernelSettings(1, backend, Duration.ZERO));
  }

  /** The kernels are the same to the byte; ONNX Runtime's own arithmetic may differ in the last bit with where the memory lies. */
  @Test
  void aLargeEnoughHaloChangesNothing() {
    try (Kernels kernels = kernels(Backend.ONNXRUNTIME)) {
      for (long seed = 0; seed < 60; seed++)
        try (Specimen s = Specimen.of(RandomGraphs.of(seed)); BufferPool pool = BufferPool.bounded(1L << 28, 1L << 26)) {
          Map<String, Value> inputs = s.inputs();
          List<Integer> ends = ends(s.graph, seed);
          Plan wide = plan(s.graph, 0.4, EVERYTHING, ends);
          assertThat(wide.exact()).isTrue();
          Map<String, Value> expected = PlanRun.outputs(s.graph, plan(s.graph, 0.4, Horizon.UNLIMITED, ends), kernels, pool, inputs);
          Map<String, Value> made = PlanRun.outputs(s.graph, wide, kernels, pool, inputs);
          expected.forEach((name, value) ->
              assertThat(value.deviation(made.get(name))).as("%s, %s", s.origin, name).isLessThan(1e-6));
        }
    }
  }

  @Test
  void bothLibrariesLeaveTheSameRowsOut() {
    int inexact = 0;
    try (Kernels onnx = kernels(Backend.ONNXRUNTIME); CountedKernels nd4j = new CountedKernels(kernels(Backend.ND4J))) {
      for (long seed = 0; seed < 80; seed++)
        try (Specimen s = Specimen.of(RandomGraphs.of(seed)); BufferPool pool = BufferPool.bounded(1L << 28, 1L << 26)) {
          Plan plan = plan(s.graph, 0.2 + 0.1 * (seed % 7), (int) (seed % 3), ends(s.graph, seed));
          if (!plan.exact()) inexact++;
          Map<String, Value> expected = PlanRun.outputs(s.graph, plan, onnx, pool, s.inputs());
          Map<String, Value> made = PlanRun.outputs(s.graph, plan, nd4j, pool, s.inputs());
          expected.forEach((name, value) -> {
            if (!(value.deviation(made.get(name)) <= TOLERANCE)) wrong.add("%s: %s".formatted(s.origin, name));
          });
          assertThat(pool.inUse()).isZero();
        }
      assertThat(nd4j.made("nd4j")).isGreaterThan(15);
    }
    assertThat(wrong).isEmpty();
    assertThat(inexact).isGreaterThan(20);
  }

  @ParameterizedTest
  @EnumSource(names = {"ONNXRUNTIME", "ND4J"})
  void whatIsBeyondTheHorizonIsTheOperatorsOwnPadding(Backend backend) {
    int compared = 0;
    try (Kernels kernels = kernels(backend)) {
      for (String step : List.of("Conv", "MaxPool", "AveragePool", "LpPool"))
        for (long seed = 0; seed < 20; seed++)
          try (Specimen s = Specimen.of(RandomGraphs.ofStep(step, seed)); BufferPool pool = BufferPool.bounded(1L << 28, 1L << 26)) {
            Operator window = window(s.graph);
            if (window == null) continue;
            for (int halo : new int[] {0, 1, 3}) if (padsAsExpected(s, window, halo, kernels, pool)) compared++;
          }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(40);
  }

  private static Operator window(OperatorGraph graph) {
    for (Operator o : graph.operators()) if (o.local() && o.rowMap(0) instanceof RowMap.Window) return o;
    return null;
  }

  /** False when there was nothing to compare: a window of some share sees no row within its horizon, which is computed from others. */
  private boolean padsAsExpected(Specimen s, Operator window, int halo, Kernels kernels, BufferPool pool) {
    Plan plan = plan(s.graph, 0.45, halo, List.of(s.graph.stages().size()));
    if (plan.exact()) return false;
    Map<String, Value> inputs = s.inputs();
    Tensor out = s.graph.tensor(s.graph.outputs().get(0));
    Value made = PlanRun.outputs(s.graph, plan, kernels, pool, inputs).get(out.name());
    for (Tile t : plan.tiles()) {
      Tensor in = s.graph.tensor(window.inputs().get(0));
      RowSpan visible = share(in, t.horizon(), halo).orElse(null);
      RowSpan held = t.band(s.graph).rows(in.id()).orElse(null);
      Rows asked = t.outputs().stream().filter(r -> r.tensor() == out.id()).findFirst().orElse(null);
      if (visible == null || held == null || asked == null || !visible.contains(held)) return false;
      Value expected = expected(s, window, inputs, visible).get(out.name());
      double off = deviation(expected, made, out.axis(), asked.span());
      if (!(off <= TOLERANCE)) wrong.add("%s, halo %d, device %d: %.2g".formatted(s.origin, halo, t.device(), off));
    }
    return true;
  }

  /** The whole model on inputs whose rows beyond {@code visible} are such that windows take no notice of them. */
  private static Map<String, Value> expected(Specimen s, Operator window, Map<String, Value> inputs, RowSpan visible) {
    boolean max = window.type().equals("MaxPool");
    boolean counting = window.type().equals("AveragePool") && Attributes.of(window.node()).integer("count_include_pad", 0) == 0;
    Map<String, Value> masked = filled(s, inputs, visible, max ? Float.NEGATIVE_INFINITY : 0, false);
    Map<String, Value> out = s.oracle.run(masked);
    if (!counting) return out;
    Map<String, Value> share = s.oracle.run(filled(s, inputs, visible, 0, true));
    Map<String, Value> averages = new HashMap<>();
    // The model halves what the pool makes, the share of rows that are seen, too.
    out.forEach((name, v) -> {
      Value quotient = Value.of(v.type(), v.shape(), v.bytes());
      for (int i = 0; i < v.shape().elements(); i++) quotient.data().putFloat(4 * i, (float) (0.5 * v.at(i) / share.get(name).at(i)));
      averages.put(name, quotient);
    });
    return averages;
  }

  /** @param ones whether rows that are seen hold ones, of the first input, and the other inputs zeros */
  private static Map<String, Value> filled(Specimen s, Map<String, Value> inputs, RowSpan visible, float fill, boolean ones) {
    Map<String, Value> all = new HashMap<>();
    boolean first = true;
    for (int id : s.graph.inputs()) {
      Tensor t = s.graph.tensor(id);
      Value v = Value.of(t.type(), t.shape(), inputs.get(t.name()).bytes());
      ByteBuffer data = v.data();
      for (int i = 0; i < t.shape().elements(); i++) {
        boolean seen = visible.contains(row(t, i));
        if (!seen) data.putFloat(4 * i, fill);
        else if (ones) data.putFloat(4 * i, first ? 1 : 0);
      }
      all.put(t.name(), v);
      first = false;
    }
    return all;
  }

  private static int row(Tensor t, int element) {
    int inner = 1;
    for (int a = t.axis() + 1; a < t.shape().rank(); a++) inner *= t.shape().dim(a);
    return element / inner % t.rows();
  }

  private static double deviation(Value expected, Value made, int axis, RowSpan rows) {
    int inner = 1;
    for (int a = axis + 1; a < expected.shape().rank(); a++) inner *= expected.shape().dim(a);
    double largest = Double.MIN_NORMAL;
    double worst = 0;
    for (int i = 0; i < expected.shape().elements(); i++) {
      if (!rows.contains(i / inner % expected.shape().dim(axis))) continue;
      double e = expected.at(i);
      double m = made.at(i);
      if (Double.isFinite(e)) largest = Math.max(largest, Math.abs(e));
      if (e == m || Double.isNaN(e) && Double.isNaN(m)) continue;
      double d = Math.abs(e - m);
      worst = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(worst, d);
    }
    return worst / largest;
  }

  /** Streaming a share must not move its seams. */
  @Test
  void aShareTakenInChunksIsTheSameAsTakenAtOnce() {
    int chunked = 0;
    try (Kernels kernels = kernels(Backend.ONNXRUNTIME)) {
      for (long seed = 0; seed < 60; seed++)
        try (Specimen s = Specimen.of(RandomGraphs.of(seed)); BufferPool pool = BufferPool.bounded(1L << 28, 1L << 26)) {
          Plan whole = plan(s.graph, 0.45, (int) (seed % 3), List.of(s.graph.stages().size()));
          Plan chunks = chunks(whole, 3);
          if (whole.exact() || chunks.tiles().size() == whole.tiles().size() || asksBeyond(s.graph, whole)) continue;
          chunked++;
          Map<String, Value> expected = PlanRun.outputs(s.graph, whole, kernels, pool, s.inputs());
          Map<String, Value> made = PlanRun.outputs(s.graph, chunks, kernels, pool, s.inputs());
          expected.forEach((name, value) -> {
            double off = value.deviation(made.get(name));
            if (!(off <= TOLERANCE)) wrong.add("%s: %s by %.2g".formatted(s.origin, name, off));
          });
        }
    }
    assertThat(wrong).isEmpty();
    assertThat(chunked).isGreaterThan(10);
  }

  /** Whether an operator without padding asks for rows whose windows see nothing: those are then computed from more than is in sight. */
  private static boolean asksBeyond(OperatorGraph graph, Plan plan) {
    for (Tile t : plan.tiles()) {
      Band band = t.band(graph);
      for (int id : band.operators()) {
        Operator o = graph.operator(id);
        if (!o.local() || !(o.rowMap(0) instanceof RowMap.Window w)) continue;
        RowSpan made = band.rows(o.outputs().get(0)).orElseThrow();
        RowSpan own = share(graph.tensor(o.outputs().get(0)), t.horizon(), 0).orElse(null);
        if (own == null || !band.real(o, w, own).equals(band.real(o, w, made))) return true;
      }
    }
    return false;
  }

  /** Every tile of a share in {@code n} of the same share and horizon. */
  private static Plan chunks(Plan plan, int n) {
    List<Tile> tiles = new ArrayList<>();
    for (Tile t : plan.tiles())
      for (int c = 0; c < n; c++) {
        List<Rows> rows = new ArrayList<>();
        for (Rows r : t.outputs()) {
          int from = r.span().from() + r.span().rows() * c / n;
          int to = r.span().from() + r.span().rows() * (c + 1) / n;
          if (from < to) rows.add(new Rows(r.tensor(), new RowSpan(from, to)));
        }
        if (!rows.isEmpty()) tiles.add(new Tile(tiles.size(), t.device(), t.stages(), rows, tiles.size(), t.horizon()));
      }
    return new Plan(plan.graphHash(), plan.strategy(), plan.devices(), tiles, Double.NaN, Double.NaN, plan.exact());
  }

  @Test
  void withNoHaloNoRowCrossesBetweenNeighbours() {
    int split = 0;
    for (String step : List.of("Conv", "MaxPool", "AveragePool", "LpPool"))
      for (long seed = 0; seed < 25; seed++)
        try (Specimen s = Specimen.of(RandomGraphs.ofStep(step, seed))) {
          // Halves: shares of all tensors that stride 2 makes of one another begin at the same place.
          for (Tile t : plan(s.graph, 0.5, 0, List.of(s.graph.stages().size())).tiles()) {
            if (t.horizon().unlimited()) continue;
            Operator window = window(s.graph);
            if (window == null || ((RowMap.Window) window.rowMap(0)).kernel() == 1) continue;
            for (Rows in : t.band(s.graph).inputs()) {
              RowSpan share = share(s.graph.tensor(in.tensor()), t.horizon(), 0).orElseThrow();
              if (aligned(s.graph, window, t.horizon())) {
                assertThat(share.contains(in.span())).as("%s: %s of share %s", s.origin, in, share).isTrue();
                split++;
              }
            }
          }
        }
    assertThat(split).isGreaterThan(30);
  }

  /** Whether every window of the share looks at a row of the share. */
  private static boolean aligned(OperatorGraph graph, Operator operator, Horizon horizon) {
    RowMap.Window w = (RowMap.Window) operator.rowMap(0);
    int out = operator.outputs().get(0);
    RowSpan made = share(graph.tensor(out), horizon, 0).orElse(null);
    RowSpan seen = share(graph.tensor(operator.inputs().get(0)), horizon, 0).orElse(null);
    if (made == null || seen == null) return false;
    for (int r = made.from(); r < made.to(); r++) {
      boolean any = false;
      for (int k = 0; k < w.kernel(); k++) any |= seen.contains(r * w.stride() - w.padBefore() + k * w.dilation());
      if (!any) return false;
    }
    return true;
  }
}
