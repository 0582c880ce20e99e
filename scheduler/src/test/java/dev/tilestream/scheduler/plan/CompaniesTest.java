package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompaniesTest {
  /** Short, and without a margin: what is found counts. */
  private static final PlanOptions SEARCH = new PlanOptions(8, 2, 0, Objective.LATENCY, Horizon.UNLIMITED);

  @Test
  void moreRobotsBesideTheServerNeverMakeThePlanWorse() {
    for (OperatorGraph graph : List.of(Graphs.chain(8, 32), Graphs.random(3))) {
      double before = Double.POSITIVE_INFINITY;
      for (int size : new int[] {2, 3, 4, 8}) {
        double now = seconds(graph, robotsAndServer(graph, size));
        assertThat(now).as("%s on %d devices", graph.hash(), size).isLessThanOrEqualTo(before * (1 + 1e-9));
        before = now;
      }
    }
  }

  @Test
  void aThirdDeviceOfAnySpeedNeverMakesThePlanWorse() {
    int grown = 0;
    for (long seed = 0; seed < 10; seed++) {
      OperatorGraph graph = Graphs.random(seed);
      Fleet fleet = Fleets.random(graph, new Random(seed));
      if (fleet.size() < 3) continue;
      grown++;
      double three = seconds(graph, fleet.part(List.of(0, 1, 2)));
      for (int helper : new int[] {1, 2})
        assertThat(three).as("seed %d", seed).isLessThanOrEqualTo(seconds(graph, fleet.part(List.of(0, helper))) * (1 + 1e-9));
    }
    assertThat(grown).isGreaterThan(3);
  }

  @Test
  void theServerIsInEveryCompanyHoweverManyRobotsThereAre() {
    OperatorGraph graph = Graphs.chain(12, 64);
    Fleet fleet = robotsAndServer(graph, 60);
    assertThat(Companies.of(new Search(graph, fleet, PlanOptions.DEFAULT)))
        .containsExactly(List.of(0, 1), List.of(0, 1, 2), List.of(0, 1, 2, 3), List.of(0, 1, 2, 3, 4));
  }

  @Test
  void aHelperThatIsNearerHasACompanyOfItsOwn() {
    OperatorGraph graph = Graphs.chain(4, 64);
    Fleet near = robotsAndServer(graph, 3);
    LinkEstimate far = LinkEstimate.ofMegabits(1, 5);
    LinkEstimate wire = LinkEstimate.ofMegabits(900, 0.1);
    Fleet fleet = new Fleet(near.devices(), List.of(List.of(wire, far, wire), List.of(far, wire, wire), List.of(wire, wire, wire)), near.medium());
    assertThat(Companies.of(new Search(graph, fleet, PlanOptions.DEFAULT))).contains(List.of(0, 1), List.of(0, 2), List.of(0, 1, 2));
  }

  private static double seconds(OperatorGraph graph, Fleet fleet) {
    return new HybridPlanner().plan(graph, fleet, SEARCH).predictedSeconds();
  }

  /** As {@code tilestream simulate --devices N} has them: the robot, a server, and robots like the first. */
  private static Fleet robotsAndServer(OperatorGraph graph, int size) {
    DeviceProfile robot = Fleets.device("robot", graph, 2e8, 30e-6);
    List<DeviceProfile> devices = new ArrayList<>(List.of(robot, Fleets.device("server", graph, 2e9, 15e-6)));
    IntStream.range(2, size).forEach(i -> devices.add(robot.named("robot-" + i)));
    return Fleet.uniform(devices, LinkEstimate.ofMegabits(40, 1));
  }
}
