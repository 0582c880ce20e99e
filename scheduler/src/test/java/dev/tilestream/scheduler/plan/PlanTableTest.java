package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Simulator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTableTest {
  private final OperatorGraph graph = Graphs.chain(6, 64);
  private final Fleet fleet = Fleets.robotAndEdges(graph, 2, 1e9, 93);

  private Plan plan(Strategy strategy, double factor) {
    return Planners.of(strategy).plan(graph, fleet.withRates(factor), PlanOptions.DEFAULT);
  }

  private PlanTable table(Strategy... strategies) {
    PlanTable table = PlanTable.empty(graph, fleet, RateGrid.DEFAULT, Objective.LATENCY);
    for (Strategy s : strategies) table = table.with(List.of(plan(s, 1)));
    return table;
  }

  @Test
  void aPlanPromisesInEveryCellWhatTheSimulatorSaysForItsRate() {
    PlanTable table = table(Strategy.OFFLOAD);
    PlanTable.Entry entry = table.entries().get(0);
    Fleet part = fleet.part(entry.plan().devices().stream().map(fleet.names()::indexOf).toList());
    for (int c = 0; c < RateGrid.DEFAULT.cells(); c++) {
      double factor = RateGrid.DEFAULT.factor(c);
      double simulated = new Simulator().run(graph, entry.plan(), part.withRates(factor)).latencySeconds();
      assertThat(table.seconds(entry, factor)).isCloseTo(simulated, org.assertj.core.data.Offset.offset(1e-9));
    }
  }

  @Test
  void betweenCellsThePromiseLiesBetweenTheirs() {
    PlanTable table = table(Strategy.OFFLOAD);
    PlanTable.Entry entry = table.entries().get(0);
    for (int c = 0; c + 1 < RateGrid.DEFAULT.cells(); c++) {
      double between = Math.sqrt(RateGrid.DEFAULT.factor(c) * RateGrid.DEFAULT.factor(c + 1));
      assertThat(table.seconds(entry, between)).isBetween(entry.seconds()[c + 1], entry.seconds()[c]);
    }
    assertThat(table.seconds(entry, 1e-9)).isEqualTo(entry.seconds()[0]);
    assertThat(table.seconds(entry, 1e9)).isEqualTo(entry.seconds()[RateGrid.DEFAULT.cells() - 1]);
  }

  @Test
  void plansThatDoTheSameAreOneAndNeighbouringCellsWithTheSameBestPlanAreOneBand() {
    PlanTable table = table(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LOCAL);
    assertThat(table.entries()).hasSize(2);
    List<PlanTable.Band> bands = table.bands();
    assertThat(bands).hasSizeLessThanOrEqualTo(2);
    assertThat(bands.get(0).from()).isZero();
    assertThat(bands.get(bands.size() - 1).to()).isEqualTo(RateGrid.DEFAULT.cells());
    for (PlanTable.Band band : bands)
      for (int c = band.from(); c < band.to(); c++) assertThat(table.best(c)).contains(band.best());
  }

  @Test
  void slowLinksAreForOneDeviceAndFastOnesForTwo() {
    List<PlanTable.Band> bands = table(Strategy.LOCAL, Strategy.OFFLOAD).bands();
    assertThat(bands.get(0).best().plan().devices()).hasSize(1);
    assertThat(bands.get(bands.size() - 1).best().plan().devices()).hasSize(2);
  }

  @Test
  void withoutADeviceItsPlansAreGoneAndTheOthersStay() {
    PlanTable table = table(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.EVEN).only(List.of("robot-1"));
    assertThat(table.entries()).singleElement().satisfies(e -> assertThat(e.plan().strategy()).isEqualTo(Strategy.LOCAL));
    assertThat(table.only(List.of()).best(0)).isEmpty();
  }

  @Test
  void plansThatAreFarFromTheBestAtEveryRateArePruned() {
    Plan local = plan(Strategy.LOCAL, 1);
    Fleet slow = Fleets.robotAndEdges(graph, 1, 1e7, 1000);
    PlanTable table = PlanTable.empty(graph, slow, new RateGrid(1, 0, 2), Objective.LATENCY)
        .with(List.of(local, Planners.of(Strategy.OFFLOAD).plan(graph, slow, PlanOptions.DEFAULT)));
    assertThat(table.pruned(Set.of()).entries()).singleElement().satisfies(e -> assertThat(e.plan().strategy()).isEqualTo(Strategy.OFFLOAD));
  }

  @Test
  void whatAPlanDoesDecidesItsHashAndNotWhoMadeIt() {
    Plan local = plan(Strategy.LOCAL, 1);
    Plan renamed = new Plan(local.graphHash(), Strategy.HYBRID, local.devices(), local.tiles(), 7, 7, true);
    assertThat(PlanHash.of(renamed)).isEqualTo(PlanHash.of(local)).matches("[0-9a-f]{12}");
    assertThat(PlanHash.of(plan(Strategy.OFFLOAD, 1))).isNotEqualTo(PlanHash.of(local));
  }
}
