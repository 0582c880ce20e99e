package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OptimalityTest {
  private static final PlanOptions FREE = new PlanOptions(16, 4, 0, Objective.LATENCY, Horizon.UNLIMITED);
  private static final long MOST_PLANS = 3_000;

  private record Small(long seed, OperatorGraph graph, Fleet fleet, int blocks) {}

  /** Graphs of a few stages on two or three devices, with as many blocks as can be enumerated. */
  private static List<Small> smallOnes(int count) {
    List<Small> found = new ArrayList<>();
    for (long seed = 0; found.size() < count; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      if (fleet.size() < 2 || fleet.size() > 3) continue;
      int blocks = 0;
      while (blocks < 6 && BruteForce.size(graph.stages().size(), fleet.size(), blocks + 1) <= MOST_PLANS) blocks++;
      if (blocks >= 2) found.add(new Small(seed, graph, fleet, blocks));
    }
    return found;
  }

  @Test
  void hybridIsWithinTwoPercentOfTheBestOfAllPlansOfBlocks() {
    int worse = 0;
    double worst = 0;
    StringBuilder bad = new StringBuilder();
    List<Small> all = smallOnes(300);
    long plans = 0;
    for (Small s : all) {
      BruteForce force = new BruteForce(s.graph, s.fleet, s.blocks);
      double best = force.seconds();
      plans += force.plans();
      double ratio = new HybridPlanner().plan(s.graph, s.fleet, FREE).predictedSeconds() / best;
      worst = Math.max(worst, ratio);
      if (ratio > 1.02) {
        worse++;
        bad.append("%nseed %d, %d stages, %d devices, %d blocks: %.3f".formatted(s.seed, s.graph.stages().size(), s.fleet.size(), s.blocks, ratio));
      }
      assertThat(LowerBound.seconds(s.graph, s.fleet)).as("bound, seed %d", s.seed).isLessThanOrEqualTo(best);
    }
    System.out.printf("brute force: %d graphs, %d plans; hybrid takes at most %.4f of the best%n", all.size(), plans, worst);
    assertThat(worse).as("graphs where hybrid takes more than 2 %% above the best:%s", bad).isZero();
  }

  @Test
  void noPlanIsBelowTheBound() {
    for (long seed = 0; seed < 80; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      double bound = LowerBound.seconds(graph, fleet);
      assertThat(bound).as("bound, seed %d", seed).isPositive();
      for (Strategy strategy : Strategy.values()) {
        Plan plan = Planners.of(strategy).plan(graph, fleet, new PlanOptions(16, 1, 0, Objective.LATENCY, Horizon.UNLIMITED));
        if (plan.exact())
          assertThat(plan.predictedSeconds()).as("%s, seed %d", strategy, seed).isGreaterThanOrEqualTo(bound * (1 - 1e-9));
      }
    }
  }

  @Test
  void noPlanTakesLessEnergyThanTheBound() {
    for (long seed = 0; seed < 80; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      double bound = LowerBound.joules(graph, fleet);
      double idle = fleet.device(Plan.SOURCE).power().idleWatts();
      assertThat(bound).as("bound, seed %d", seed).isGreaterThanOrEqualTo(LowerBound.seconds(graph, fleet) * idle * 0.9);
      for (Strategy strategy : new Strategy[] {Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.ENERGY, Strategy.HYBRID}) {
        Objective objective = new Objective.Energy(1e3);
        Plan plan = Planners.of(strategy).plan(graph, fleet, new PlanOptions(16, 1, 0, objective, Horizon.UNLIMITED));
        assertThat(plan.predictedJoules()).as("%s, seed %d", strategy, seed).isGreaterThanOrEqualTo(bound * (1 - 1e-9));
      }
    }
  }

  @Test
  void theBoundOfOneDeviceIsWhatItTakesBesidesTheTile() {
    OperatorGraph graph = Graphs.chain(6, 64);
    Fleet fleet = Fleets.robotAndEdges(graph, 0, 1e9, 90);
    double local = new LocalPlanner().plan(graph, fleet, FREE).predictedSeconds();
    assertThat(LowerBound.seconds(graph, fleet)).isBetween(0.99 * (local - 20e-6), local);
  }

  @Test
  void theBoundSeesThatAnAnswerMustComeBack() {
    Graphs g = new Graphs("wide-answer");
    OperatorGraph graph = g.output(g.conv(g.input(1, 64), 3, 1, 64)).build();
    Fleet slow = Fleets.robotAndEdges(graph, 1, 1e5, 1);
    double answer = 8 * graph.tensor(graph.outputs().get(0)).bytes(64) / 1e6;
    double local = new LocalPlanner().plan(graph, slow, FREE).predictedSeconds();
    double bound = LowerBound.seconds(graph, slow);
    // Both at once: the part that is made here costs time here, the part made there the way back.
    assertThat(bound).isCloseTo(1 / (1 / answer + 1 / local), org.assertj.core.api.Assertions.withinPercentage(8));
  }
}
