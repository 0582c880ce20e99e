package dev.tilestream.scheduler.logged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.logged.LoggedFiles;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.simulate.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Planning for other things than latency, on what real robots took. */
class LoggedObjectivesTest {
  private static final Path DATA = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve("jetson");

  private final OperatorGraph[] graph = new OperatorGraph[1];

  private Fleet fleet(String name, double megabits) {
    Assumptions.assumeTrue(Files.isDirectory(DATA), () -> "test data absent: " + DATA + " (set -Dtilestream.data)");
    LoggedModel model = new LoggedFiles(DATA.resolve("profiles")).read(name);
    PublishedFigures figures = PublishedFigures.read(DATA.resolve("published.csv"));
    LoggedFleet logged = LoggedFleet.of(LoggedImporter.load(model, false), LoggedPower.robot(model, figures), 2, Medium.PER_SENDER);
    graph[0] = logged.logged().graph();
    return logged.at(megabits, 0);
  }

  private double score(Strategy strategy, Fleet fleet, Objective objective) {
    Plan plan = Planners.of(strategy).plan(graph[0], fleet, PlanOptions.DEFAULT.withObjective(objective));
    Fleet part = fleet.part(plan.devices().stream().map(fleet.names()::indexOf).toList());
    return objective.score(new Simulator().run(graph[0], plan, part));
  }

  @ParameterizedTest
  @CsvSource({"VGG19_BN@lopinfer, 94", "agrnav@hp, 32", "kapao@lopinfer, 48"})
  void noPlanOfTheBaselineTakesLessEnergyInTimeThanOurs(String name, double megabits) {
    Fleet fleet = fleet(name, megabits);
    Objective energy = new Objective.Energy(1);
    double baseline = score(Strategy.ENERGY, fleet, energy);
    double ours = score(Strategy.HYBRID, fleet, energy);
    System.out.printf("%s at %.0f Mbit/s: SPSO-GA %.3f J, hybrid %.3f J (%.0f %%)%n", name, megabits, baseline, ours, 100 * ours / baseline);
    assertThat(ours).isLessThanOrEqualTo(baseline * (1 + 1e-9)).isLessThan(Objective.LATE);
    assertThat(baseline).isLessThanOrEqualTo(score(Strategy.LOCAL, fleet, energy) * (1 + 1e-9));
  }

  @Test
  void forEveryObjectiveHybridIsAtLeastAsGoodAsTheOthers() {
    Fleet fleet = fleet("agrnav@hp", 48);
    for (Objective objective : new Objective[] {new Objective.Weighted(1, 0.2), new Objective.Throughput(4)}) {
      double ours = score(Strategy.HYBRID, fleet, objective);
      for (Strategy s : new Strategy[] {Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.ENERGY, Strategy.EVEN})
        assertThat(ours).as("%s against %s", objective, s).isLessThanOrEqualTo(score(s, fleet, objective) * (1 + 1e-9));
    }
  }
}
