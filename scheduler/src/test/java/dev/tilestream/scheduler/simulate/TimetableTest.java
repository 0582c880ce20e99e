package dev.tilestream.scheduler.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.plan.EvenPlanner;
import dev.tilestream.scheduler.plan.OffloadPlanner;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Timetable.Call;
import dev.tilestream.tensor.Parcel;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimetableTest {
  private static Timetable timetable(OperatorGraph graph, Plan plan, Fleet fleet) {
    return Timetable.of(graph, plan, Routes.of(graph, plan), fleet.part(plan.devices().stream().map(fleet.names()::indexOf).toList()));
  }

  @Test
  void anOffloadedInferenceIsDueInBytesOnTheWayThereAndInRowsOnTheWayBack() {
    OperatorGraph graph = Graphs.chain(4, 200);
    Fleet fleet = Fleets.robotAndEdges(graph, 1, 1e8, 4);
    Plan plan = new OffloadPlanner().plan(graph, fleet, PlanOptions.DEFAULT);
    Timetable timetable = timetable(graph, plan, fleet);
    List<Call> calls = timetable.calls().get(plan.devices().indexOf("edge-1"));
    Call sent = calls.stream().filter(c -> c.back().isEmpty()).reduce((a, b) -> b).orElseThrow();
    Call back = calls.get(calls.size() - 1);
    assertThat(sent.delivered()).isEqualTo(graph.tensor(graph.inputs().get(0)).bytes(200));
    assertThat(back.back()).isPresent();
    assertThat(back.seconds()).isCloseTo(timetable.latencySeconds(), within(1e-12));
    assertThat(calls.stream().filter(c -> c.back().isEmpty()).count()).as("a long way is looked at on the way").isGreaterThan(1);
  }

  @Test
  void whateverThePlanCallsComeInOrderAndTellOfAllThatComesBack() {
    for (long seed = 0; seed < 60; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      Plan plan = new EvenPlanner().plan(graph, fleet, PlanOptions.DEFAULT);
      Timetable timetable = timetable(graph, plan, fleet);
      Routes routes = Routes.of(graph, plan);
      for (int d = 0; d < plan.devices().size(); d++) {
        List<Call> calls = timetable.calls().get(d);
        for (int i = 1; i < calls.size(); i++) assertThat(calls.get(i).seconds()).isGreaterThanOrEqualTo(calls.get(i - 1).seconds());
        for (int t = 0; t < plan.tiles().size(); t++)
          if (plan.tiles().get(t).device() == d && d != Plan.SOURCE) told(calls, plan, routes.fromTile().get(t));
      }
      assertThat(timetable.calls().get(Plan.SOURCE)).isEmpty();
    }
  }

  private static void told(List<Call> calls, Plan plan, List<Delivery> owed) {
    for (Delivery delivery : owed) {
      boolean back = delivery.to() == Parcel.SINK || plan.tiles().get(delivery.to()).device() == Plan.SOURCE;
      if (!back) continue;
      Rows rows = delivery.rows();
      int covered = 0;
      for (Call call : calls) covered += call.back().filter(r -> r.tensor() == rows.tensor()).flatMap(r -> common(r, rows)).orElse(0);
      assertThat(covered).as("%s of %s", rows, plan).isGreaterThanOrEqualTo(rows.span().rows());
    }
  }

  private static Optional<Integer> common(Rows a, Rows b) {
    return a.span().intersection(b.span()).map(span -> span.rows());
  }
}
