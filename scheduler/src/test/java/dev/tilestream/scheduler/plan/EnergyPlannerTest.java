package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.plan.Objective.Energy;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EnergyPlannerTest {
  private static final int MOST_UNITS = 7;

  private record Case(long seed, OperatorGraph graph, Fleet fleet) {}

  /** Small enough to try every placement. */
  private static List<Case> small() {
    List<Case> cases = new ArrayList<>();
    for (long seed = 0; cases.size() < 60; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      if (fleet.size() > 1 && fleet.size() < 4 && graph.stages().size() <= MOST_UNITS) cases.add(new Case(seed, graph, fleet));
    }
    return cases;
  }

  private static double score(Case c, Plan plan, Energy energy) {
    Fleet part = c.fleet.part(plan.devices().stream().map(c.fleet.names()::indexOf).toList());
    Simulation s = new Simulator().run(c.graph, plan, part);
    return energy.score(s);
  }

  private static double bruteForce(Case c, Energy energy) {
    Placements placements = new Placements(new Search(c.graph, c.fleet, PlanOptions.DEFAULT.withObjective(energy)));
    int[] device = new int[placements.units()];
    double least = Double.POSITIVE_INFINITY;
    while (true) {
      least = Math.min(least, placements.judge(device).score());
      int u = 0;
      while (u < device.length && ++device[u] == c.fleet.size()) device[u++] = 0;
      if (u == device.length) return least;
    }
  }

  @Test
  void isWithinTwoPercentOfTheBestPlacementThereIs() {
    List<Double> gaps = new ArrayList<>();
    for (Case c : small()) {
      Energy energy = new Energy(1);
      double found = score(c, new EnergyPlanner().plan(c.graph, c.fleet, PlanOptions.DEFAULT.withObjective(energy)), energy);
      double gap = found / bruteForce(c, energy) - 1;
      gaps.add(gap);
      assertThat(gap).as("seed %d: above the best of all placements", c.seed).isLessThan(0.02);
    }
    assertThat(gaps).hasSize(60);
  }

  @Test
  void keepsTheDeadlineWhereAPlacementDoes() {
    int tight = 0;
    for (Case c : small()) {
      double quickest = bruteForce(c, new Energy(1e-9)) / Objective.LATE;
      Energy energy = new Energy(1.5 * quickest);
      Plan plan = new EnergyPlanner().plan(c.graph, c.fleet, PlanOptions.DEFAULT.withObjective(energy));
      assertThat(plan.predictedSeconds()).as("seed %d", c.seed).isLessThanOrEqualTo(energy.deadlineSeconds());
      double free = new EnergyPlanner().plan(c.graph, c.fleet, PlanOptions.DEFAULT).predictedJoules();
      if (plan.predictedJoules() > free * 1.001) tight++;
    }
    assertThat(tight).as("cases where the deadline costs energy").isPositive();
  }

  @Test
  void theClockAgreesWithTheSimulatorOnWhichPlacementsTakeMore() {
    List<Double> ratios = new ArrayList<>();
    for (Case c : small()) {
      Placements placements = new Placements(new Search(c.graph, c.fleet, PlanOptions.DEFAULT));
      PlacementClock clock = new PlacementClock(placements);
      Random random = new Random(c.seed);
      for (int i = 0; i < 5; i++) {
        int[] at = random.ints(placements.units(), 0, c.fleet.size()).toArray();
        clock.run(at);
        ratios.add(clock.seconds() / placements.judge(at).seconds());
      }
    }
    double[] sorted = ratios.stream().mapToDouble(r -> r).sorted().toArray();
    assertThat(sorted[sorted.length / 2]).isBetween(0.9, 1.1);
    assertThat(Arrays.stream(sorted).filter(r -> r > 0.7 && r < 1.3).count()).isGreaterThan((long) (0.9 * sorted.length));
  }

  @Test
  void hybridForEnergyNeverTakesMoreThanThisBaseline() {
    for (Case c : small())
      for (double deadline : new double[] {0.02, 1}) {
        Energy energy = new Energy(deadline);
        PlanOptions options = PlanOptions.DEFAULT.withObjective(energy);
        double baseline = score(c, new EnergyPlanner().plan(c.graph, c.fleet, options), energy);
        double ours = score(c, new HybridPlanner().plan(c.graph, c.fleet, options), energy);
        assertThat(ours).as("seed %d, %s s", c.seed, deadline).isLessThanOrEqualTo(baseline * (1 + 1e-9));
      }
  }
}
