package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Agenda;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanChoice;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.scheduler.plan.TrackRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StepQueueTest {
  private static final long SECOND = 1_000_000_000L;

  private final OperatorGraph graph = Graphs.chain(4, 32);
  private final LoadedModel model =
      new LoadedModel("m", "1", "sha", List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  private final ModelInstance instance = new ModelInstance(new ModelInstance.Key("sha", Map.of()), model);
  private final StepQueue queue = new StepQueue(0);

  private Course course(Strategy strategy) {
    PlanChoice.Rules rules = new PlanChoice.Rules(0, 0, 0, 0, 1, 0, 0);
    Course course = new Course(instance, new PlanGoal(strategy, Objective.LATENCY, Horizon.UNLIMITED), new PlanChoice(rules, e -> new TrackRecord(1)));
    course.table = PlanTable.empty(graph, Fleets.robotAndEdges(graph, 1, 1e9, 93), RateGrid.DEFAULT, Objective.LATENCY);
    course.agenda = new Agenda(strategy, PlanOptions.DEFAULT, 2, RateGrid.DEFAULT);
    instance.courses.put(course.goal, course);
    queue.add(course);
    return course;
  }

  /** Does all that is to be planned for the rates of now. */
  private void settle(Course course) {
    while (!course.agenda.ahead(1)) course.agenda.take(1);
  }

  @Test
  void oneStepIsDoneAtATime() {
    Course hybrid = course(Strategy.HYBRID);
    Course offload = course(Strategy.OFFLOAD);
    assertThat(queue.next(0)).contains(hybrid);
    assertThat(queue.next(0)).isEmpty();
    queue.done(false, SECOND, SECOND);
    assertThat(queue.next(SECOND)).contains(offload);
  }

  @Test
  void whatTheRatesOfNowNeedGoesBeforeWhatOthersMay() {
    Course hybrid = course(Strategy.HYBRID);
    settle(hybrid);
    Course offload = course(Strategy.OFFLOAD);
    assertThat(queue.next(10 * SECOND)).contains(offload);
  }

  @Test
  void otherRatesArePlannedForOnceTheSourceIsQuietOrSeldom() {
    Course hybrid = course(Strategy.HYBRID);
    settle(hybrid);
    queue.used(0);
    assertThat(queue.next(SECOND / 2)).isEmpty();
    assertThat(queue.next(SECOND)).contains(hybrid);
    queue.done(true, SECOND, 2 * SECOND);
    queue.add(hybrid);
    queue.used(3 * SECOND);
    instance.flights = 1;
    assertThat(queue.next(31 * SECOND)).as("an inference is under way").isEmpty();
    assertThat(queue.next(32 * SECOND)).as("long enough after the last").contains(hybrid);
  }

  @Test
  void nothingIsPlannedForAGoalThatIsOver() {
    Course hybrid = course(Strategy.HYBRID);
    instance.courses.remove(hybrid.goal);
    assertThat(queue.next(0)).isEmpty();
    assertThat(queue.next(100 * SECOND)).isEmpty();
  }
}
