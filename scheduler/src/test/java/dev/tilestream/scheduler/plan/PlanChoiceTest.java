package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.plan.PlanTable.Entry;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlanChoiceTest {
  private static final long SECOND = 1_000_000_000L;
  private static final PlanChoice.Rules RULES = new PlanChoice.Rules(0.05, 0.02, SECOND, 0.15, 3, 5, 2);

  private final OperatorGraph graph = Graphs.chain(6, 64);
  private final Fleet fleet = Fleets.robotAndEdges(graph, 1, 1e9, 93);
  private final PlanTable table = PlanTable.empty(graph, fleet, RateGrid.DEFAULT, Objective.LATENCY)
      .with(List.of(
          Planners.of(Strategy.LOCAL).plan(graph, fleet, PlanOptions.DEFAULT),
          Planners.of(Strategy.OFFLOAD).plan(graph, fleet, PlanOptions.DEFAULT)));
  private final Entry local = table.entries().get(0);
  private final Entry offload = table.entries().get(1);
  private final Map<String, TrackRecord> records = new HashMap<>();
  private final PlanChoice choice = new PlanChoice(RULES, e -> records.computeIfAbsent(e.hash(), h -> new TrackRecord(10 * SECOND)));

  /** The rate at which both promise the same. */
  private double border() {
    double slow = RateGrid.DEFAULT.factor(0);
    double fast = RateGrid.DEFAULT.factor(RateGrid.DEFAULT.cells() - 1);
    for (int i = 0; i < 60; i++) {
      double middle = Math.sqrt(slow * fast);
      if (table.score(offload, middle) > table.score(local, middle)) slow = middle;
      else fast = middle;
    }
    return slow;
  }

  private Entry choose(double factor, long now) {
    return choice.choose(table, factor, now).orElseThrow();
  }

  @Test
  void theBestPlanOfTheBandServes() {
    assertThat(choose(border() / 3, 0)).isEqualTo(local);
    assertThat(choose(border() * 3, 2 * SECOND)).isEqualTo(offload);
    assertThat(choice.switches()).isEqualTo(1);
  }

  @Test
  void aRateThatTremblesAtTheBorderOfTwoBandsSwitchesNothing() {
    Random random = new Random(5);
    double border = border();
    for (int i = 0; i < 1000; i++) choose(border * (0.96 + 0.08 * random.nextDouble()), i * SECOND);
    assertThat(choice.switches()).isLessThanOrEqualTo(1);
  }

  @Test
  void aPlanThatHasJustComeStaysForItsDwellHoweverTheRateJumps() {
    choose(border() * 3, 0);
    assertThat(choose(border() / 3, SECOND / 2)).isEqualTo(offload);
    assertThat(choose(border() / 3, SECOND)).isEqualTo(local);
    for (int i = 0; i < 100; i++) choose(i % 2 == 0 ? border() * 3 : border() / 3, SECOND + i * SECOND / 50);
    assertThat(choice.switches()).isLessThanOrEqualTo(3);
  }

  @Test
  void whatWasMeasuredCorrectsWhatWasPromised() {
    double factor = border() * 1.1;
    assertThat(choose(factor, 0)).isEqualTo(offload);
    for (int i = 0; i < 3; i++) choice.record(offload).add(1.5 * table.seconds(offload, factor), table.seconds(offload, factor), SECOND);
    assertThat(choose(factor, 2 * SECOND)).isEqualTo(local);
  }

  @Test
  void aMeasuredPlanNeedsLessAdvantageThanOneThatOnlyPromises() {
    double factor = border();
    assertThat(choose(factor * 0.9, 0)).isEqualTo(local);
    for (int i = 0; i < 3; i++) choice.record(offload).add(0.97, 1, SECOND);
    assertThat(choose(factor, 2 * SECOND)).isEqualTo(local);
    for (int i = 0; i < 3; i++) choice.record(local).add(1, 1, SECOND);
    assertThat(choose(factor, 2 * SECOND)).isEqualTo(offload);
  }

  @Test
  void thatTheSameIsDoneInMorePiecesIsNoReasonForATrial() {
    Plan coarse = offload.plan();
    Plan fine = withItsLastTileInTwo(coarse);
    PlanTable both = PlanTable.empty(graph, fleet, RateGrid.DEFAULT, Objective.LATENCY).with(List.of(coarse, fine));
    assertThat(both.entries()).hasSize(2);
    double factor = RateGrid.DEFAULT.factor(RateGrid.DEFAULT.cells() - 1);
    assertThat(doubtfulAfter(both, factor, both.entries().get(0))).isEmpty();
    assertThat(doubtfulAfter(both, factor, both.entries().get(1))).as("fewer pieces").containsExactly(both.entries().get(0));
  }

  private static Plan withItsLastTileInTwo(Plan plan) {
    List<Tile> tiles = new ArrayList<>(plan.tiles());
    Tile last = tiles.remove(tiles.size() - 1);
    Rows rows = last.outputs().get(0);
    int middle = (rows.span().from() + rows.span().to()) / 2;
    for (RowSpan half : List.of(new RowSpan(rows.span().from(), middle), new RowSpan(middle, rows.span().to())))
      tiles.add(new Tile(tiles.size(), last.device(), last.stages(), List.of(new Rows(rows.tensor(), half)), last.urgency()));
    return new Plan(plan.graphHash(), plan.strategy(), plan.devices(), tiles, plan.predictedSeconds(), plan.predictedJoules(), true);
  }

  /** Where {@code used} serves, whose promise has held. */
  private List<Entry> doubtfulAfter(PlanTable plans, double factor, Entry used) {
    records.clear();
    PlanChoice choice = new PlanChoice(RULES, e -> records.computeIfAbsent(e.hash(), h -> new TrackRecord(10 * SECOND)));
    choice.choose(plans.only(List.of()).with(List.of(used.plan())), factor, 0);
    measure(used, 3, 1);
    return choice.doubtful(plans, factor, SECOND);
  }

  private void measure(Entry entry, int times, double ratio) {
    for (int i = 0; i < times; i++) choice.record(entry).add(ratio, 1, SECOND);
  }

  private int trials(double factor, int requests) {
    int tried = 0;
    for (int i = 0; i < requests; i++) if (choice.trial(table, factor, SECOND, e -> true).isPresent()) tried++;
    return tried;
  }

  @Test
  void aPlanThatCouldBeBetterIsTriedSoonAndThenSeldomOnceThereIsSomethingToHoldItAgainst() {
    double factor = border() * 1.01;
    assertThat(choose(factor, 0)).isEqualTo(offload);
    assertThat(trials(factor, 50)).as("the plan in use is not known yet").isZero();
    measure(offload, 3, 1);
    assertThat(choice.doubtful(table, factor, SECOND)).containsExactly(local);
    assertThat(choice.trial(table, factor, SECOND, e -> false)).as("not deployed").isEmpty();
    assertThat(trials(factor, 8)).isEqualTo(4);
    assertThat(trials(factor, 100)).as("cold, and three measured ones").isZero();
    choice.drifted(true);
    assertThat(trials(factor, 100)).isEqualTo(4);
    choice.drifted(false);
    assertThat(trials(factor, 8)).as("what only drifts is not new: no hurry").isEqualTo(2);
    assertThat(trials(factor, 100)).isEqualTo(2);
  }

  @Test
  void aPlanThatWasSlowIsNotTriedAgainForEverLongerTimes() {
    double factor = border() * 1.01;
    choose(factor, 0);
    measure(offload, 3, 1);
    measure(local, 1, 1.4);
    assertThat(choice.doubtful(table, factor, SECOND)).isEmpty();
    assertThat(choice.doubtful(table, factor, 11 * SECOND)).isEmpty();
    assertThat(choice.doubtful(table, factor, 12 * SECOND)).as("after a silence").containsExactly(local);
    assertThat(choose(factor, 12 * SECOND)).as("it is not taken before it was tried").isEqualTo(offload);
    choice.record(local).add(1.4, 1, 12 * SECOND);
    assertThat(choice.doubtful(table, factor, 31 * SECOND)).as("the next silence must be longer").isEmpty();
  }

  @Test
  void whatOtherRequestsMeasuredNeedsNoTrial() {
    double factor = border() * 1.01;
    choose(factor, 0);
    measure(offload, 3, 1.1);
    measure(local, 3, 1);
    assertThat(choice.doubtful(table, factor, SECOND)).isEmpty();
    assertThat(choose(factor, 2 * SECOND)).isEqualTo(local);
  }

  @Test
  void aKnownPlanIsNotLeftForASmallPromise() {
    double factor = border() * 0.9;
    assertThat(choose(factor, 0)).isEqualTo(local);
    measure(local, 3, 1);
    double better = border();
    while (table.score(offload, better) > table.score(local, better) * 0.93) better *= 1.01;
    assertThat(choose(better, 2 * SECOND)).isEqualTo(local);
    while (table.score(offload, better) > table.score(local, better) * 0.89) better *= 1.01;
    assertThat(choose(better, 2 * SECOND)).isEqualTo(offload);
  }

  @Test
  void aPlanIsNotPreferredForBeingUnknown() {
    PlanTable more = table.with(List.of(Planners.of(Strategy.EVEN).plan(graph, fleet, PlanOptions.DEFAULT)));
    Entry even = more.entries().get(2);
    double factor = border() * 3;
    double promised = choice.expected(more, factor).applyAsDouble(even);
    measure(offload, 3, 1.4);
    assertThat(choice.expected(more, factor).applyAsDouble(even)).isEqualTo(1.4 * promised);
    assertThat(choice.expected(more, factor).applyAsDouble(local)).as("alone is another kind").isEqualTo(more.score(local, factor));
  }

  @Test
  void plansFarFromTheOneInUseAreNotTried() {
    choose(border() * 8, 0);
    measure(offload, 3, 1);
    assertThat(choice.doubtful(table, border() * 8, SECOND)).isEmpty();
  }

  @Test
  void aTableWithoutPlansChoosesNoneAndOneWithoutThePlanInUseAnother() {
    choose(border() * 3, 0);
    assertThat(choice.choose(table.only(List.of()), 1, 0)).isEmpty();
    assertThat(choice.choose(table.only(List.of("robot-1")), border() * 3, 1)).contains(local);
  }

  @Test
  void aRecordIsTheMedianOfTheLastFewAndBeginsAnewAfterASilence() {
    TrackRecord record = new TrackRecord(10 * SECOND);
    assertThat(record.ratio()).isEqualTo(1);
    for (double seconds : new double[] {1, 9, 1.2}) record.add(seconds, 1, SECOND);
    assertThat(record.ratio()).isEqualTo(1.2);
    assertThat(record.ratio(2)).as("with the weight of one, what is typical").isEqualTo((3 * 1.2 + 2) / 4);
    record.drifted(10 * SECOND);
    assertThat(record.samples()).isEqualTo(3);
    record.drifted(20 * SECOND);
    assertThat(record.samples()).isZero();
    assertThat(record.ratio()).isEqualTo(1);
    record.add(2, 1, 20 * SECOND);
    assertThat(record.ratio()).isEqualTo(2);
    assertThat(record.stale(35 * SECOND)).as("each silence must be longer").isFalse();
    assertThat(record.stale(45 * SECOND)).isTrue();
    record.add(1, 1, 45 * SECOND);
    assertThat(record.ratio()).as("a new record").isEqualTo(1);
  }

  @Test
  void whatWasMeasuredOfADeviceOfAnotherSpeedIsNotCountedTwice() {
    TrackRecord record = new TrackRecord(100 * SECOND);
    record.promisesChange(10 * SECOND, 0);
    record.promises(2, 1);
    assertThat(record.ratio()).as("nothing measured").isEqualTo(1);
    for (int i = 0; i < 12; i++) record.add(3, 2, SECOND);
    record.promises(2, 3);
    assertThat(record.ratio()).as("the same speed").isEqualTo(1.5);
    record.promisesChange(10 * SECOND, 5 * SECOND);
    record.promises(2, 3);
    assertThat(record.ratio()).as("what it took is promised now").isEqualTo(1);
    record.promises(3, 6);
    assertThat(record.ratio()).as("once").isEqualTo(1);
    record.promisesChange(10 * SECOND, 50 * SECOND);
    record.promises(3, 6);
    assertThat(record.ratio()).as("measured before it was so").isEqualTo(1);
    record.add(4, 2, 50 * SECOND);
    assertThat(record.samples()).isEqualTo(9);
  }

  @Test
  void aPlanThatWasMeasuredToMissItsDeadlineIsLeftForOneThatKeepsIt() {
    double seconds = table.seconds(offload, 1);
    PlanTable saving = PlanTable.empty(graph, fleet, RateGrid.DEFAULT, new Objective.Energy(Math.max(seconds, table.seconds(local, 1)) * 1.2))
        .with(List.of(local.plan(), offload.plan()));
    Entry frugal = saving.score(saving.entries().get(0), 1) < saving.score(saving.entries().get(1), 1) ? saving.entries().get(0) : saving.entries().get(1);
    assertThat(choice.choose(saving, 1, 0)).contains(frugal);
    for (int i = 0; i < 5; i++) choice.record(frugal).add(2, 1, i * SECOND);
    assertThat(choice.choose(saving, 1, 20 * SECOND).orElseThrow()).isNotEqualTo(frugal);
  }

  @Test
  void ofPlansThatAllMissTheDeadlineTheQuickestServes() {
    PlanTable saving = PlanTable.empty(graph, fleet, RateGrid.DEFAULT, new Objective.Energy(1e-6)).with(List.of(local.plan(), offload.plan()));
    Entry quick = table.best(RateGrid.DEFAULT.cell(1)).orElseThrow().hash().equals(local.hash()) ? local : offload;
    assertThat(choice.choose(saving, 1, 0).orElseThrow().hash()).isEqualTo(quick.hash());
    for (int i = 0; i < 5; i++) choice.record(quick).add(100, 1, i * SECOND);
    assertThat(choice.choose(saving, 1, 20 * SECOND).orElseThrow().hash()).as("late by more than the other").isNotEqualTo(quick.hash());
  }
}
