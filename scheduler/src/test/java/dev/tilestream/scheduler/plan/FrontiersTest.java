package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FrontiersTest {
  private static void everyFrontier(Placements placements, Consumer<boolean[]> then) {
    int units = placements.units();
    for (int bits = 0; bits < 1 << units; bits++) {
      boolean[] onFirst = new boolean[units];
      for (int u = 0; u < units; u++) onFirst[u] = (bits >> u & 1) == 1;
      boolean closed = placements.flows().stream().allMatch(f -> {
        for (int r : f.readers()) if (f.maker() >= 0 && onFirst[r] && !onFirst[f.maker()]) return false;
        return true;
      });
      if (closed) then.accept(onFirst);
    }
  }

  @Test
  void noFrontierTakesLessThanTheMinimumCutOnHundredsOfRandomGraphs() {
    int beyondPrefixes = 0;
    for (long seed = 0; seed < 300; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      if (fleet.size() < 2) continue;
      Placements placements = new Placements(new Search(graph, fleet, PlanOptions.DEFAULT));
      Frontiers frontiers = new Frontiers(placements);
      for (int a = 0; a < fleet.size(); a++)
        for (int b = 0; b < fleet.size(); b++) {
          if (a == b) continue;
          int first = a;
          int second = b;
          double[] least = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
          everyFrontier(placements, cut -> {
            double took = frontiers.seconds(cut, first, second);
            least[0] = Math.min(least[0], took);
            if (prefix(cut)) least[1] = Math.min(least[1], took);
          });
          assertThat(frontiers.seconds(frontiers.best(a, b), a, b)).as("seed %d, %d to %d", seed, a, b)
              .isLessThanOrEqualTo(least[0] * (1 + 1e-9)).isGreaterThanOrEqualTo(least[0] * (1 - 1e-9));
          if (least[0] < least[1] * (1 - 1e-6)) beyondPrefixes++;
        }
    }
    assertThat(beyondPrefixes).as("graphs whose best cut is no cut of the list of stages").isPositive();
  }

  private static boolean prefix(boolean[] cut) {
    for (int u = 1; u < cut.length; u++) if (cut[u] && !cut[u - 1]) return false;
    return true;
  }

  /** Two heavy branches that are listed in turns; only one of them is worth sending. */
  @Test
  void layerSendsOneBranchAwayThoughTheListOfStagesMixesThem() {
    Graphs g = new Graphs("branches");
    int input = g.input(1, 64);
    int small = g.conv(input, 3, 2, 1);
    int wide = g.conv(input, 3, 1, 32);
    for (int i = 0; i < 4; i++) {
      small = g.conv(small, 5, 1, i == 3 ? 1 : 24);
      wide = g.relu(wide);
    }
    OperatorGraph graph = g.output(small).output(wide).build();
    Plan plan = new LayerPlanner().plan(graph, Fleets.robotAndEdges(graph, 1, 1e8, 5), PlanOptions.DEFAULT);
    Set<Integer> away = plan.tiles().stream().filter(t -> t.device() == 1).flatMap(t -> t.stages().stream()).collect(Collectors.toSet());
    Set<Integer> here = plan.tiles().stream().filter(t -> t.device() == 0).flatMap(t -> t.stages().stream()).collect(Collectors.toSet());
    assertThat(away).contains(2, 4, 6, 8).doesNotContain(1, 3, 5, 7, 9);
    assertThat(here).contains(1, 3, 5, 7, 9);
    assertThat(plan.strategy()).isEqualTo(Strategy.LAYER);
    assertThat(plan.tiles().stream().map(Tile::device)).contains(0, 1);
  }
}
