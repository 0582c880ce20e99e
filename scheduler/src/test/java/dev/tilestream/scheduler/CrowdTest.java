package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.plan.PlanChoice;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrowdTest {
  private static final PlanChoice.Rules RULES = new PlanChoice.Rules(0.05, 0.02, 1_000_000_000L, 0.15, 3, 25, 3);
  private static final double REST_SECONDS = 4;
  private static final int ROBOTS = 50;
  /** Inferences are counted from here on: sources know each other by then. */
  private static final double FROM = 20;
  private static final double TO = 22;
  private static final int ROUNDS = 2;

  private record Outcome(double local, double herd, double sources, double central, long switches) {
    double over() {
      return sources / central;
    }

    String line() {
      return String.format(Locale.ROOT, "all local %.1f s, herd %.1f s, sources %.1f s (%d switches), central %.1f s: %.3f x central",
          local, herd, sources, switches, central, over());
    }
  }

  private static Outcome outcome(int servers, boolean sharedAir, double period, double megabits) {
    OperatorGraph graph = Graphs.chain(6, 64);
    Crowd crowd = new Crowd(graph, ROBOTS, servers, sharedAir, period, megabits, 1);
    CrowdSources sources = new CrowdSources(crowd, RULES, REST_SECONDS, 3);
    double ours = crowd.run(sources, 0, FROM, TO, 2);
    double central = crowd.run(Crowd.fixed(crowd.central(FROM, TO, 2, ROUNDS)), FROM - 1, FROM, TO, 2);
    return new Outcome(
        crowd.run(Crowd.fixed(new int[ROBOTS]), FROM - 1, FROM, TO, 2), crowd.run(new Herd(crowd), 0, FROM, TO, 2), ours, central, sources.switches());
  }

  @ParameterizedTest(name = "{0} servers, shared air {1}, one inference in {2} s, {3} Mbit/s")
  @CsvSource({"2, false, 0.02, 60", "2, true, 0.05, 200"})
  void fiftyRobotsThatShareServersAreTogetherNearlyAsQuickAsACentralPlanWouldBe(
      int servers, boolean sharedAir, double period, double megabits) {
    Outcome outcome = outcome(servers, sharedAir, period, megabits);
    System.out.printf("%d servers, %s: %s%n", servers, sharedAir ? "one air" : "a wire each", outcome.line());
    assertThat(outcome.over()).as(outcome.line()).isLessThanOrEqualTo(1.10);
  }
}
