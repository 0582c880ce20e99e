package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import org.junit.jupiter.api.Test;

/** Plans whose floats cross links at half precision. */
class HalfPrecisionTest {
  private final OperatorGraph graph = Graphs.chain(6, 64);
  private final Fleet fleet = Fleets.robotAndEdges(graph, 1, 1e8, 10);
  private final PlanOptions half = PlanOptions.DEFAULT.withPrecision(Precision.FP16);

  private Plan plan(Strategy strategy) {
    return Planners.of(strategy).plan(graph, fleet.halving(graph), half);
  }

  @Test
  void whatCrossesALinkHasHalfTheBytesAndTakesLess() {
    Plan plan = Planners.of(Strategy.OFFLOAD).plan(graph, fleet, PlanOptions.DEFAULT);
    Fleet part = fleet.part(plan.devices().stream().map(fleet.names()::indexOf).toList());
    Simulation whole = new Simulator().run(graph, plan, part);
    Simulation halved = new Simulator().run(graph, plan, part.halving(graph));
    assertThat((double) halved.bytesOverAir()).isCloseTo(whole.bytesOverAir() / 2.0, within(1.0));
    assertThat(halved.latencySeconds()).isLessThan(whole.latencySeconds());
    Routes routes = Routes.of(graph, plan);
    assertThat(AirTraffic.bytes(graph, plan, routes, part.halving(graph))).isEqualTo(AirTraffic.bytes(graph, plan, routes, part) / 2);
  }

  @Test
  void plansSayThatTheyAreNotExactAndAreNeverTakenForExactOnes() {
    for (Strategy s : new Strategy[] {Strategy.OFFLOAD, Strategy.EVEN, Strategy.LAYER}) {
      Plan plan = plan(s);
      assertThat(plan.precision()).as(s.word()).isEqualTo(Precision.FP16);
      assertThat(plan.exact()).isFalse();
      Plan exact = new Plan(plan.graphHash(), plan.strategy(), plan.devices(), plan.tiles(), 1, 1, true);
      assertThat(PlanHash.of(plan)).isNotEqualTo(PlanHash.of(exact));
    }
  }

  @Test
  void whatCrossesNoLinkIsExact() {
    Plan local = plan(Strategy.LOCAL);
    assertThat(local.exact()).isTrue();
    assertThat(local.precision()).isEqualTo(Precision.FP32);
  }

  @Test
  void byDefaultRowsCrossLinksAsTheyAre() {
    Plan plan = Planners.of(Strategy.OFFLOAD).plan(graph, fleet, PlanOptions.DEFAULT);
    assertThat(plan.precision()).isEqualTo(Precision.FP32);
    assertThat(plan.exact()).isTrue();
  }
}
