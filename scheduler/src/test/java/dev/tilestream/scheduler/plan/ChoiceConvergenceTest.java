package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.plan.PlanTable.Entry;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Where promises are wrong by a tenth, each plan's by another, and each inference takes a tenth more or less: what is chosen in the end. */
class ChoiceConvergenceTest {
  private static final PlanChoice.Rules RULES = new PlanChoice.Rules(0.05, 0.02, 100_000_000L, 0.15, 3, 25, 3);
  private static final double NOISE = 0.1;
  private static final int SEEDS = 100;
  private static final int REQUESTS = 200;
  private static final int EARLY = 12;

  private final OperatorGraph graph = Graphs.chain(10, 64);
  private final Fleet fleet = Fleets.robotAndEdges(graph, 2, 1e9, 40);
  private final PlanTable table = table();

  /** The source alone, and every cut between it and either edge. */
  private PlanTable table() {
    Search search = new Search(graph, fleet, PlanOptions.DEFAULT);
    int n = search.stages();
    List<Plan> plans = new ArrayList<>();
    plans.add(search.plan(Strategy.LOCAL, search.judge(search.whole(0))));
    for (int edge = 1; edge < fleet.size(); edge++) {
      plans.add(search.plan(Strategy.OFFLOAD, search.judge(search.whole(edge))));
      for (int cut = 1; cut < n; cut++) {
        Layout layout = Layout.of(Segment.on(0, fleet.size(), 0, cut), Segment.on(edge, fleet.size(), cut, n));
        plans.add(search.plan(Strategy.LAYER, search.judge(layout)));
      }
    }
    return PlanTable.empty(graph, fleet, RateGrid.DEFAULT, Objective.LATENCY).with(plans);
  }

  /** One user's inferences one after the other; everything over the best plan's true time. */
  private final class Run {
    final Map<Entry, Double> truth = new HashMap<>();
    final List<Double> served = new ArrayList<>();
    final Random random;
    /** That of the plan in use after a few inferences, and after all. */
    double early;
    double late;
    int trials;

    Run(long seed) {
      random = new Random(seed);
      for (Entry e : table.entries()) truth.put(e, table.seconds(e, 1) * Math.exp(NOISE * random.nextGaussian()));
      double best = truth.values().stream().mapToDouble(t -> t).min().orElseThrow();
      truth.replaceAll((e, t) -> t / best);
      Map<String, TrackRecord> records = new HashMap<>();
      PlanChoice choice = new PlanChoice(RULES, e -> records.computeIfAbsent(e.hash(), h -> new TrackRecord(10_000_000_000L)));
      Map<Entry, Integer> answered = new HashMap<>();
      for (int i = 0; i < REQUESTS; i++) {
        long now = i * 100_000_000L;
        Entry used = choice.choose(table, 1, now).orElseThrow();
        Entry serves = choice.trial(table, 1, now, e -> true).orElse(used);
        if (serves != used) trials++;
        double taken = truth.get(serves) * (1 + NOISE * random.nextGaussian());
        served.add(taken);
        // The first of a deployment is cold and not counted.
        if (answered.merge(serves, 1, Integer::sum) > 1) choice.record(serves).add(taken * best, table.seconds(serves, 1), now);
        if (i == EARLY) early = truth.get(used);
        late = truth.get(used);
      }
    }

    double median() {
      double[] sorted = served.stream().mapToDouble(t -> t).sorted().toArray();
      return sorted[sorted.length / 2];
    }
  }

  private static double quantile(List<Run> runs, double q, ToDoubleFunction<Run> of) {
    return runs.stream().mapToDouble(of).sorted().toArray()[(int) (q * runs.size())];
  }

  @Test
  void noiseDoesNotKeepTheChoiceFromTheBestPlanNorDoTrialsCostMuch() {
    List<Run> runs = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) runs.add(new Run(seed));
    assertThat(quantile(runs, 0.75, r -> r.early)).as("plan in use after %d inferences, over the best", EARLY).isLessThanOrEqualTo(1.03);
    assertThat(quantile(runs, 0.90, r -> r.late)).as("plan in use at the end").isLessThanOrEqualTo(1.03);
    assertThat(runs.stream().mapToDouble(Run::median).average().orElseThrow()).as("median of all inferences").isLessThanOrEqualTo(1.02);
    assertThat(quantile(runs, 0.75, Run::median)).isLessThanOrEqualTo(1.03);
    assertThat(quantile(runs, 0.95, Run::median)).isLessThanOrEqualTo(1.06);
    assertThat(quantile(runs, 0.99, r -> r.trials)).as("trials of %d", REQUESTS).isLessThanOrEqualTo(0.05 * REQUESTS);
    assertThat(runs.stream().mapToInt(r -> r.trials).sum()).isPositive();
  }
}
