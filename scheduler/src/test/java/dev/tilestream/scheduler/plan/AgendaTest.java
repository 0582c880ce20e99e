package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.plan.Strategy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgendaTest {
  private static final RateGrid GRID = RateGrid.DEFAULT;
  private static final int HOME = GRID.middle();

  private static Agenda agenda(Strategy strategy, int devices) {
    return new Agenda(strategy, PlanOptions.DEFAULT, devices, GRID);
  }

  /** All that is planned while the rates are {@code factor} times those of the middle. */
  private static List<PlanStep> all(Agenda agenda, double factor) {
    List<PlanStep> steps = new ArrayList<>();
    while (!agenda.empty(factor)) {
      boolean ahead = agenda.ahead(factor);
      steps.add(agenda.take(factor).orElseThrow());
      assertThat(steps.get(steps.size() - 1).ahead()).isEqualTo(ahead);
    }
    assertThat(agenda.take(factor)).isEmpty();
    return steps;
  }

  private static List<Integer> cells(List<PlanStep> steps) {
    return steps.stream().map(PlanStep::cell).distinct().toList();
  }

  @Test
  void hybridHasAUsablePlanThenAQuickThenAGoodOneForTheRateOfNow() {
    List<PlanStep> steps = all(agenda(Strategy.HYBRID, 3), 1).stream().filter(s -> !s.ahead()).toList();
    assertThat(cells(steps)).containsExactly(HOME);
    assertThat(steps.get(0).strategies()).containsExactly(Strategy.LOCAL, Strategy.OFFLOAD);
    assertThat(steps.get(1).strategies()).containsExactly(Strategy.HYBRID);
    assertThat(steps.get(1).options().effort()).isEqualTo(1);
    PlanStep last = steps.get(steps.size() - 1);
    assertThat(last.strategies()).containsExactly(Strategy.HYBRID);
    assertThat(last.options()).isEqualTo(PlanOptions.DEFAULT);
  }

  @Test
  void theRateOfNowGetsAFinePlanBeforeOthersGetAny() {
    PlanStep fine = all(agenda(Strategy.HYBRID, 2), 1).stream().filter(PlanStep::ahead).findFirst().orElseThrow();
    assertThat(fine.cell()).isEqualTo(HOME);
    assertThat(fine.strategies()).containsExactly(Strategy.HYBRID);
    assertThat(fine.options()).isEqualTo(PlanOptions.DEFAULT.withEffort(16));
    assertThat(all(new Agenda(Strategy.HYBRID, PlanOptions.DEFAULT.withEffort(1), 2, GRID), 1))
        .as("what is to be planned quickly stays so").allSatisfy(s -> assertThat(s.options().effort()).isEqualTo(1));
    assertThat(all(new Agenda(Strategy.HYBRID, PlanOptions.DEFAULT.withEffort(16), 2, GRID), 1))
        .as("what is fine from the start needs no second search").noneMatch(s -> s.ahead() && s.cell() == HOME);
  }

  @Test
  void onlyNeighbouringRatesArePlannedAheadTheOneThatIsNearerFirst() {
    assertThat(cells(all(agenda(Strategy.HYBRID, 2), 1.1))).containsExactly(HOME, HOME + 1, HOME - 1);
    assertThat(cells(all(agenda(Strategy.HYBRID, 2), 0.9))).containsExactly(HOME, HOME - 1, HOME + 1);
  }

  @Test
  void furtherRatesArePlannedWhenTheLinksMoveThere() {
    Agenda agenda = agenda(Strategy.HYBRID, 2);
    all(agenda, 1);
    assertThat(cells(all(agenda, GRID.factor(HOME + 1)))).containsExactly(HOME + 1, HOME + 2);
    List<PlanStep> far = all(agenda, GRID.factor(HOME - 5));
    assertThat(cells(far)).startsWith(HOME - 5).containsExactlyInAnyOrder(HOME - 5, HOME - 4, HOME - 6);
    assertThat(far.get(0).ahead()).as("it is the rate of now").isFalse();
    assertThat(all(agenda, 1)).isEmpty();
    assertThat(cells(all(agenda, GRID.factor(0)))).as("the end of the grid").containsExactly(0, 1);
  }

  @Test
  void otherStrategiesPlanForTheRateOfNowWithinAFactorOfTwoAndOneDeviceOnce() {
    Agenda offload = agenda(Strategy.OFFLOAD, 2);
    assertThat(cells(all(offload, 1))).containsExactly(HOME);
    assertThat(all(offload, GRID.factor(HOME + 1))).isEmpty();
    assertThat(cells(all(offload, GRID.factor(HOME - 2)))).containsExactly(HOME - 2);
    Agenda alone = agenda(Strategy.HYBRID, 1);
    assertThat(all(alone, 1)).hasSize(1);
    assertThat(all(alone, GRID.factor(0))).isEmpty();
  }

  @Test
  void plansOfOthersAreJudgedOnceHoweverOftenTheyAreOffered() {
    Agenda agenda = agenda(Strategy.HYBRID, 2);
    all(agenda, 1);
    agenda.judge();
    agenda.judge();
    assertThat(all(agenda, 1)).singleElement().satisfies(s -> assertThat(s.strategies()).isEmpty());
  }
}
