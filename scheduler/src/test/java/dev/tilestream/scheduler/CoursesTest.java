package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When which goals are planned for anew, in a time that the test makes; the planning itself is never done. */
class CoursesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<Strategy> STRATEGIES =
      List.of(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.ENERGY, Strategy.EVEN, Strategy.HYBRID);

  private final OperatorGraph graph = Graphs.chain(6, 32);
  private final DeviceProfile robot = Fleets.device("robot-1", graph, 1e9, 30e-6);
  private final DeviceProfile edge = Fleets.device("edge-1", graph, 1e10, 15e-6);
  private final ModelInstance instance = new ModelInstance(
      new ModelInstance.Key("sha", Map.of()),
      new LoadedModel("m", "1", "sha", List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  private final Map<PlanGoal, Integer> begun = new HashMap<>();
  private final List<Courses.Job> jobs = new ArrayList<>();
  private final List<Course> courses = new ArrayList<>();
  private final Courses scheduling = scheduling();
  private long now;

  private Courses scheduling() {
    SchedulerSettings settings = SchedulerSettings.from(ConfigFactory.load());
    KnownFleet known = new KnownFleet("robot-1", 1, Medium.PER_LINK);
    known.peersChanged(Map.of("edge-1", new Peer("edge-1", null, () -> LinkEstimate.ofMegabits(93, 1))));
    SourceRuntime nowhere = new SourceRuntime("robot-2", 1, null, null, null, null, null, null);
    Deployer deployer = new Deployer(nowhere, null, settings, null);
    return new Courses(settings, known, deployer, new Random(7), new Courses.Listener() {
      @Override
      public void plan(Courses.Job job) {
        begun.merge(job.course().goal, 1, Integer::sum);
        jobs.add(job);
      }

      @Override
      public void open(Course course) {
        throw new AssertionError("nothing is deployed");
      }

      @Override
      public void failed(Course course, InferenceFailure why) {
        throw new AssertionError(why);
      }
    });
  }

  private void start() {
    prepared(robot, edge);
    now = System.nanoTime();
    for (Strategy strategy : STRATEGIES)
      courses.add(scheduling.course(instance, new PlanGoal(strategy, Objective.LATENCY, Horizon.UNLIMITED)));
    now = System.nanoTime();
  }

  private void prepared(DeviceProfile... profiles) {
    Map<String, DeviceProfile> byName = new HashMap<>();
    for (DeviceProfile p : profiles) byName.put(p.device(), p);
    instance.prepared = new Models.Prepared(graph, byName);
  }

  /** Lets the time pass in which these courses are asked for. */
  private void pass(double seconds, List<Course> asked) {
    for (long end = now + (long) (seconds * SECOND); now < end; now += SECOND / 10) {
      asked.forEach(course -> scheduling.serving(course, now));
      scheduling.tick(instance, now);
    }
  }

  private int rounds(Strategy strategy) {
    return begun.get(new PlanGoal(strategy, Objective.LATENCY, Horizon.UNLIMITED)) - 1;
  }

  @Test
  void aDeviceThatIsSlowAndStaysSoIsPlannedForByAllGoalsWithinSecondsAndOnce() {
    start();
    pass(10, courses);
    prepared(robot, edge.slower(2));
    pass(0.2, courses);
    assertThat(STRATEGIES).filteredOn(s -> s != Strategy.LOCAL).allMatch(s -> rounds(s) == 1);
    pass(60, courses);
    assertThat(STRATEGIES).filteredOn(s -> s != Strategy.LOCAL).allMatch(s -> rounds(s) == 1);
    assertThat(rounds(Strategy.LOCAL)).as("nothing of it is there").isZero();
  }

  /** The robot is half as fast every other 2 s. */
  private void swing(int times) {
    for (int i = 0; i < times; i++) {
      prepared(robot.slower(i % 2 == 0 ? 2 : 1), edge);
      pass(2, courses);
    }
  }

  @Test
  void aDeviceWhoseSpeedSwingsKeepsNoGoalPlanning() {
    start();
    swing(20);
    assertThat(STRATEGIES).as("in 40 s").allMatch(s -> rounds(s) >= 2 && rounds(s) <= 5);
    begun.clear();
    swing(60);
    assertThat(begun.values()).as("in two minutes more").allMatch(rounds -> rounds <= 3);
  }

  @Test
  void aGoalThatNobodyAsksForIsPlannedForWhenSomebodyDoes() {
    start();
    Course layer = courses.get(STRATEGIES.indexOf(Strategy.LAYER));
    List<Course> others = courses.stream().filter(c -> c != layer).toList();
    pass(20, others);
    prepared(robot, edge.slower(2));
    pass(5, others);
    assertThat(rounds(Strategy.HYBRID)).isEqualTo(1);
    assertThat(rounds(Strategy.LAYER)).isZero();
    pass(0.2, List.of(layer));
    assertThat(rounds(Strategy.LAYER)).isEqualTo(1);
  }

  @Test
  void devicesThatComeAreUsedAtOnceWhateverRests() {
    start();
    swing(20);
    int before = rounds(Strategy.HYBRID);
    prepared(robot);
    scheduling.devicesChanged(instance);
    assertThat(rounds(Strategy.HYBRID)).isEqualTo(before + 1);
    assertThat(courses).allMatch(course -> course.fleet.names().equals(List.of("robot-1")));
  }

  @Test
  void whatWasMeasuredOfPlansOnADeviceOfAnotherSpeedIsHeldAgainstWhatTheyPromiseNext() {
    start();
    Course hybrid = courses.get(STRATEGIES.indexOf(Strategy.HYBRID));
    hybrid.table = PlanTable.empty(
        graph, hybrid.fleet, RateGrid.DEFAULT, Objective.LATENCY);
    for (Strategy s : List.of(Strategy.LOCAL, Strategy.OFFLOAD))
      hybrid.table = hybrid.table.with(List.of(Planners.of(s).plan(
          graph, hybrid.fleet, PlanOptions.DEFAULT)));
    PlanTable before = hybrid.table;
    before.entries().forEach(e -> instance.record(e.hash(), SECOND).add(2 * before.seconds(e, 1), before.seconds(e, 1), 0));
    Fleet slower = new Fleet(
        List.of(hybrid.fleet.device(0), edge.slower(2)), hybrid.fleet.links(), hybrid.fleet.medium(), List.of(0.0, 0.0));
    PlanTable after = PlanTable.empty(graph, slower.withRates(1.5), RateGrid.DEFAULT, Objective.LATENCY)
        .with(before.entries().stream().map(PlanTable.Entry::plan).toList());
    PlanTable.Entry offload = before.entries().get(1);
    double expected = 2 * before.seconds(offload, 3) / after.seconds(after.find(offload.hash()).orElseThrow(), 2);
    for (int goal = 0; goal < 2; goal++) {
      instance.speeds(slower, SECOND, 0);
      instance.promises(before, 3, after, 2);
      assertThat(instance.ratio(before.entries().get(0).hash())).as("local").isEqualTo(2);
      assertThat(instance.ratio(offload.hash())).as("offload, told of by goal %d", goal).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void promisesAreOfTheDevicesAsTheyAreWhileTheSearchForOtherPlansRests() {
    start();
    Course hybrid = courses.get(STRATEGIES.indexOf(Strategy.HYBRID));
    swing(20);
    hybrid.table = PlanTable.empty(graph, hybrid.fleet, RateGrid.DEFAULT, Objective.LATENCY)
        .with(List.of(Planners.of(Strategy.LOCAL).plan(graph, hybrid.fleet, PlanOptions.DEFAULT)));
    hybrid.planning = false;
    Fleet searched = hybrid.fleet;
    double usual = local(hybrid);
    prepared(robot.slower(30), edge);
    int before = jobs.size();
    pass(5, List.of(hybrid));
    assertThat(hybrid.fleet).as("no search").isSameAs(searched);
    Courses.Job judging = jobs.subList(before, jobs.size()).stream().filter(job -> job.course() == hybrid).findFirst().orElseThrow();
    assertThat(judging.step().strategies()).isEmpty();
    assertThat(judging.table().fleet().links()).isEqualTo(searched.links());
    scheduling.planned(judging, judging.run(), null);
    assertThat(local(hybrid)).isGreaterThan(10 * usual);
  }

  private static double local(Course course) {
    return course.table.seconds(course.table.entries().stream().filter(e -> e.plan().devices().size() == 1).findFirst().orElseThrow(), 1);
  }
}
