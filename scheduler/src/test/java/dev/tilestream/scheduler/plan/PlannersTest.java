package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.tensor.Parcel;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class PlannersTest {
  private static final Map<List<Object>, Plan> KNOWN = new HashMap<>();

  private static void onRandomFleets(int count, BiConsumer<OperatorGraph, Fleet> law) {
    for (long seed = 0; seed < count; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      try {
        law.accept(graph, fleet);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  private static Plan plan(Strategy strategy, OperatorGraph graph, Fleet fleet) {
    return Planners.of(strategy).plan(graph, fleet, PlanOptions.DEFAULT);
  }

  /** Made once for all laws that only look at it. */
  private static Plan known(Strategy strategy, OperatorGraph graph, Fleet fleet) {
    return KNOWN.computeIfAbsent(List.of(strategy, graph.hash(), fleet), key -> plan(strategy, graph, fleet));
  }

  @Test
  void whatPacksWellIsWorthSending() {
    OperatorGraph graph = Graphs.chain(8, 64);
    Fleet plain = Fleets.robotAndEdges(graph, 1, 2e8, 6);
    List<Double> shares = graph.tensors().stream().map(t -> graph.outputs().contains(t.id()) ? 0.02 : 1.0).toList();
    Fleet packing = new Fleet(List.of(plain.device(0).packing(shares), plain.device(1)), plain.links(), plain.medium());
    assertThat(plan(Strategy.LAYER, graph, plain).tiles()).allMatch(t -> t.device() == Plan.SOURCE);
    assertThat(plan(Strategy.LAYER, graph, packing).tiles()).anyMatch(t -> t.device() != Plan.SOURCE);
    for (Strategy strategy : List.of(Strategy.LAYER, Strategy.HYBRID))
      assertThat(plan(strategy, graph, packing).predictedSeconds()).isLessThan(0.8 * plan(strategy, graph, plain).predictedSeconds());
  }

  @Test
  void everyPlanRoutesEveryRowOfEveryAnswerExactlyOnce() {
    onRandomFleets(100, (graph, fleet) -> {
      for (Strategy strategy : Strategy.values()) {
        Plan plan = known(strategy, graph, fleet);
        Routes routes = Routes.of(graph, plan);
        for (int output : graph.outputs()) {
          int[] came = new int[graph.tensor(output).rows()];
          for (var deliveries : routes.fromTile())
            for (Delivery d : deliveries)
              if (d.to() == Parcel.SINK && d.rows().tensor() == output)
                for (int r = d.rows().span().from(); r < d.rows().span().to(); r++) came[r]++;
          assertThat(graph.tensor(output).kind()).isEqualTo(Tensor.Kind.VALUE);
          assertThat(came).as("%s, rows of %s", strategy, graph.tensor(output).name()).containsOnly(1);
        }
      }
    });
  }

  @Test
  void everyTileHandsOnSomethingThatIsWanted() {
    onRandomFleets(100, (graph, fleet) -> {
      for (Strategy strategy : Strategy.values()) {
        Plan plan = known(strategy, graph, fleet);
        Routes routes = Routes.of(graph, plan);
        for (Tile t : plan.tiles()) assertThat(routes.fromTile().get(t.id())).as("%s, deliveries of %s", strategy, t).isNotEmpty();
      }
    });
  }

  @Test
  void hybridIsNeverSlowerThanAnotherByTheSimulator() {
    onRandomFleets(100, (graph, fleet) -> {
      double hybrid = known(Strategy.HYBRID, graph, fleet).predictedSeconds();
      for (Strategy strategy : Strategy.values()) {
        assertThat(hybrid).as("hybrid against %s", strategy)
            .isLessThanOrEqualTo(known(strategy, graph, fleet).predictedSeconds() * (1 + 1e-9));
      }
    });
  }

  @Test
  void hybridWithATruncatedHaloIsNeverSlowerThanThePublishedSplit() {
    onRandomFleets(20, (graph, fleet) -> {
      PlanOptions truncated = PlanOptions.DEFAULT.withHalo(PublishedPlanner.HALO);
      assertThat(new HybridPlanner().plan(graph, fleet, truncated).predictedSeconds())
          .isLessThanOrEqualTo(new PublishedPlanner().plan(graph, fleet, truncated).predictedSeconds() * (1 + 1e-9));
    });
  }

  @Test
  void plansAreDeterministic() {
    onRandomFleets(25, (graph, fleet) -> {
      for (Strategy strategy : Strategy.values()) assertThat(plan(strategy, graph, fleet)).isEqualTo(plan(strategy, graph, fleet));
    });
  }

  @Test
  void localIsOneTileOnTheSource() {
    OperatorGraph graph = Graphs.chain(5, 32);
    Plan plan = plan(Strategy.LOCAL, graph, Fleets.robotAndEdges(graph, 2, 1e9, 90));
    assertThat(plan.devices()).containsExactly("robot-1");
    assertThat(plan.tiles()).singleElement().satisfies(t -> assertThat(t.stages()).hasSize(5));
  }

  @Test
  void offloadWithoutPeersStaysLocal() {
    OperatorGraph graph = Graphs.chain(5, 32);
    Plan plan = plan(Strategy.OFFLOAD, graph, Fleets.robotAndEdges(graph, 0, 1e9, 90));
    assertThat(plan.devices()).containsExactly("robot-1");
    assertThat(plan.strategy()).isEqualTo(Strategy.OFFLOAD);
  }

  @Test
  void offloadComputesEverythingElsewhere() {
    OperatorGraph graph = Graphs.chain(5, 32);
    Plan plan = plan(Strategy.OFFLOAD, graph, Fleets.robotAndEdges(graph, 2, 1e9, 90));
    assertThat(plan.tiles()).allMatch(t -> t.device() != Plan.SOURCE);
  }

  @Test
  void offloadComputesWhileTheInputIsInTheAir() {
    OperatorGraph graph = Graphs.chain(6, 256);
    Fleet fleet = Fleets.robotAndEdges(graph, 1, 1e8, 30);
    Fleet edge = Fleet.uniform(fleet.devices().subList(1, 2), fleet.link(0, 1));
    Plan whole = plan(Strategy.LOCAL, graph, edge);
    Plan plan = plan(Strategy.OFFLOAD, graph, fleet);
    double inAir = 8 * graph.tensor(0).bytes(256) / 30e6 + 8 * graph.tensor(graph.outputs().get(0)).bytes(256) / 30e6;
    assertThat(plan.tiles()).hasSizeGreaterThan(2);
    assertThat(plan.predictedSeconds()).isLessThan(inAir + whole.predictedSeconds());
  }

  @Test
  void evenUsesEveryDeviceForEveryStageThatHasRowsEnough() {
    OperatorGraph graph = Graphs.chain(4, 30);
    Plan plan = plan(Strategy.EVEN, graph, Fleets.robotAndEdges(graph, 2, 1e9, 90));
    assertThat(plan.devices()).containsExactly("robot-1", "edge-1", "edge-2");
    for (int stage = 0; stage < 4; stage++) {
      int s = stage;
      var tiles = plan.tiles().stream().filter(t -> t.stages().contains(s)).toList();
      assertThat(tiles.stream().map(Tile::device)).containsExactlyInAnyOrder(0, 1, 2);
      assertThat(tiles).allMatch(t -> t.outputs().get(0).span().rows() == 10);
    }
  }

  @Test
  void evenLeavesGlobalStagesToTheSource() {
    Graphs g = new Graphs("pooled");
    OperatorGraph graph = g.output(g.global(g.conv(g.input(3, 30), 3, 1, 8), 4, 1)).build();
    Plan plan = plan(Strategy.EVEN, graph, Fleets.robotAndEdges(graph, 2, 1e9, 90));
    assertThat(plan.tiles().stream().filter(t -> t.stages().contains(1)).map(Tile::device)).containsExactly(Plan.SOURCE);
  }

  @Test
  void layerCutsWhereTheTensorIsSmall() {
    Graphs g = new Graphs("funnel");
    int t = g.conv(g.input(8, 64), 3, 2, 1);
    for (int i = 0; i < 6; i++) t = g.conv(t, 5, 1, i == 5 ? 1 : 32);
    OperatorGraph graph = g.output(t).build();
    Plan plan = plan(Strategy.LAYER, graph, Fleets.robotAndEdges(graph, 1, 1e8, 10));
    assertThat(plan.tiles().stream().filter(x -> x.device() == Plan.SOURCE).flatMap(x -> x.stages().stream()).distinct())
        .containsExactly(0);
    assertThat(plan.tiles().stream().filter(x -> x.device() == 1).flatMap(x -> x.stages().stream()).distinct())
        .containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void bandSplitsBeatEverySimpleStrategyWhereTheRadioIsTheBottleneck() {
    OperatorGraph graph = Graphs.chain(8, 256);
    Fleet fleet = Fleets.robotAndEdges(graph, 1, 4e8, 20);
    double best = Double.POSITIVE_INFINITY;
    for (Strategy s : new Strategy[] {Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.EVEN})
      best = Math.min(best, plan(s, graph, fleet).predictedSeconds());
    assertThat(plan(Strategy.HYBRID, graph, fleet).predictedSeconds()).isLessThan(0.9 * best);
  }

  @Test
  void predictionIsWhatTheSimulatorSaysOfThePlan() {
    onRandomFleets(40, (graph, fleet) -> {
      Plan plan = plan(Strategy.HYBRID, graph, fleet);
      if (plan.devices().size() < fleet.size()) return;
      Simulation s = new Simulator().run(graph, plan, fleet);
      assertThat(plan.predictedSeconds()).isEqualTo(s.latencySeconds());
      assertThat(plan.predictedJoules()).isEqualTo(s.sourceJoules());
    });
  }

  @Test
  void aLongNetworkOnThreeDevicesIsPlannedWithinASecond() {
    OperatorGraph graph = Graphs.chain(150, 480);
    Fleet fleet = Fleets.robotAndEdges(graph, 2, 1e9, 93);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 3; i++) {
      long start = threads.getCurrentThreadCpuTime();
      plan(Strategy.HYBRID, graph, fleet);
      best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) * 1e-9);
    }
    System.out.printf("hybrid: 150 stages on 3 devices planned in %.0f ms of processor time%n", best * 1000);
    assertThat(best).as("seconds of processor time, the best of 3").isLessThan(1);
  }

  @Test
  void aProfileOfAnotherGraphIsRefused() {
    OperatorGraph graph = Graphs.chain(4, 30);
    Fleet other = Fleets.robotAndEdges(Graphs.chain(5, 30), 1, 1e9, 90);
    assertThatThrownBy(() -> plan(Strategy.HYBRID, graph, other)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 stages");
  }
}
