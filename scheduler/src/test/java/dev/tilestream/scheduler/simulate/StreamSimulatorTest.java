package dev.tilestream.scheduler.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Contention;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two stages on 100 rows of 512 bytes; on wires a row takes 0.1 s, a stage on all rows 100 s at a robot and 10 s at the edge. */
class StreamSimulatorTest {
  /** As the runtime's to its inferences: some of these. */
  private static final double TURN_SECONDS = 60;
  private static final double ROW = 8 * 16 * 4;
  private static final double INPUT_SECONDS = 10;

  private static OperatorGraph pair() {
    Graphs g = new Graphs("pair");
    return g.output(g.conv(g.conv(g.input(8, 100), 1, 1, 8), 1, 1, 8)).build();
  }

  /** The edge is last. */
  private static Fleet robotsAndEdge(OperatorGraph graph, int robots) {
    List<DeviceProfile> all = new ArrayList<>();
    for (int i = 0; i <= robots; i++) {
      StageTime stage = StageTime.linear(0, i < robots ? 100 : 10);
      all.add(new DeviceProfile("d" + i, graph.hash(), List.of(stage, stage), 1, 0, new Power(1, 11, 3, 2)));
    }
    return Fleet.uniform(all, new LinkEstimate(10 * ROW, 0, 0));
  }

  private static Workload work(OperatorGraph graph, Fleet fleet, int... devices) {
    int tiles = devices.length;
    List<Tile> all = new ArrayList<>();
    for (int i = 0; i < tiles; i++)
      all.add(new Tile(i, devices[i], List.of(0, 1), List.of(new Rows(2, RowSpan.of(100 * i / tiles, 100 * (i + 1) / tiles))), i));
    return Workload.of(graph, new Plan(graph.hash(), Strategy.HYBRID, fleet.names(), all, Double.NaN, Double.NaN, true), fleet);
  }

  @Test
  void oneInferenceAloneTakesWhatTheSimulatorSays() {
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      OperatorGraph graph = Graphs.random(seed);
      Fleet idle = Fleets.random(graph, random);
      Fleet fleet = seed % 3 == 0 ? idle.waiting(random.doubles(idle.size(), 0, 0.01).boxed().toList()) : idle;
      Workload work = Workload.of(graph, RandomTiles.plan(graph, fleet, random), fleet);
      LinkSchedules links = LinkSchedules.all(LinkSchedule.sampled(new double[] {1e5, 0, 1e6, 3e5}, 0.01));
      Simulation constant = new Simulator().run(work, fleet);
      StreamSimulation same = new StreamSimulator().run(fleet, InferenceStream.backToBack(work, 1, 1));
      assertThat(same.latencySeconds(0)[0]).as("seed %d", seed).isEqualTo(constant.latencySeconds(), within(1e-9));
      for (int d = 0; d < fleet.size(); d++)
        assertThat(same.busySeconds(d)).isEqualTo(constant.busySeconds(d), within(1e-9));
      StreamSimulation traced = new StreamSimulator(links, 0.5).run(fleet, InferenceStream.backToBack(work, 1, 1));
      assertThat(traced.latencySeconds(0)[0]).as("seed %d", seed)
          .isEqualTo(new Simulator().run(work, fleet, links, 0.5).latencySeconds(), within(1e-9));
    }
  }

  @Test
  void framesThatNeverMeetTakeAsLongAsOne() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 1);
    Workload work = work(graph, fleet, 1);
    StreamSimulation s = new StreamSimulator().run(fleet, InferenceStream.every(50, work, 6, 3));
    assertThat(s.latencySeconds(0)).containsOnly(INPUT_SECONDS + 20 + INPUT_SECONDS);
    assertThat(s.steadyFramesPerSecond(0)).isEqualTo(1 / 50.0, within(1e-12));
    assertThat(s.waitSeconds(0, 1)).isZero();
  }

  @Test
  void aStreamIsAsFastAsItsBusiestDeviceOrLink() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 1);
    Workload work = work(graph, fleet, 1);
    double bottleneck = new Simulator().run(work, fleet).bottleneckSeconds();
    StreamSimulation s = new StreamSimulator().run(fleet, InferenceStream.backToBack(work, 40, 4));
    assertThat(s.steadyFramesPerSecond(0)).isEqualTo(1 / bottleneck, within(1e-9));
    assertThat(s.utilisation(1)).isGreaterThan(0.95);
    StreamSimulation one = new StreamSimulator().run(fleet, InferenceStream.backToBack(work, 40, 1));
    assertThat(one.steadyFramesPerSecond(0)).as("one at a time: one over its latency").isEqualTo(1 / 40.0, within(1e-9));
    assertThat(one.steadyLatencySeconds(0)).isEqualTo(40, within(1e-9));
  }

  @Test
  void olderFramesGoFirstOnLanesAndLinks() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 1);
    // Two tiles each: input halves take 5 s, tiles 10 s; born 1 s apart, the second's rows wait behind all of the first's.
    Workload work = work(graph, fleet, 1, 1);
    StreamSimulation s = new StreamSimulator().run(fleet, InferenceStream.every(1, work, 2, 2));
    // First: rows at 5 and 10, tiles until 15 and 25, answers at 20 and 30.
    // Second: rows at 15 and 20, tiles until 35 and 45, answers at 40 and 50.
    assertThat(s.latencySeconds(0)).containsExactly(new double[] {30, 49}, within(1e-9));
    assertThat(s.waitSeconds(0, 1)).as("the second's first tile waits 10 s for the first's, its second 5; nothing for its own")
        .isEqualTo((10 + 5) / 4.0, within(1e-9));
  }

  @Test
  void whoComesWhileTooManyAreUnderWayWaitsAndThatCounts() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 1);
    StreamSimulation s = new StreamSimulator().run(fleet, InferenceStream.every(10, work(graph, fleet, 1), 3, 1));
    assertThat(s.latencySeconds(0)).containsExactly(new double[] {40, 70, 100}, within(1e-9));
  }

  @Test
  void energyCountsEveryStateUntilTheLastAnswer() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 1);
    StreamSimulation s = new StreamSimulator().run(fleet, InferenceStream.every(50, work(graph, fleet, 1), 2, 1));
    assertThat(s.endSeconds()).isEqualTo(90, within(1e-9));
    assertThat(s.joules(0)).as("90 s at 1 W, 2 x 10 s sending 2 W more, 2 x 10 s receiving 1 W more").isEqualTo(90 + 40 + 20, within(1e-9));
    assertThat(s.joules(1)).as("90 s, 40 s computing 10 W more, 20 s receiving, 20 s sending").isEqualTo(90 + 400 + 20 + 40, within(1e-9));
  }

  @Test
  void robotsShareAnEdgeInTheOrderInWhichTheirRowsCome() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 2);
    Workload work = work(graph, fleet.part(List.of(0, 2)), 1);
    InferenceStream first = new InferenceStream(work, List.of(0, 2), 1, 0, 0, 1);
    InferenceStream second = new InferenceStream(work, List.of(1, 2), 1, 5, 0, 1);
    StreamSimulation s = new StreamSimulator().run(fleet, List.of(first, second));
    assertThat(s.latencySeconds(0)).containsExactly(new double[] {40}, within(1e-9));
    assertThat(s.latencySeconds(1)).as("its rows are there at 15, the lane is free at 30").containsExactly(new double[] {55}, within(1e-9));
    Fleet air = new Fleet(fleet.devices(), fleet.links(), Medium.SHARED);
    StreamSimulation shared = new StreamSimulator().run(air, List.of(first, second));
    assertThat(shared.latencySeconds(1)).as("its rows leave at 10, are there at 20").containsExactly(new double[] {55}, within(1e-9));
  }

  @Test
  void aRobotThatFloodsAnEdgeHoldsAnotherUpForATurnAndATile() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 2);
    Workload work = work(graph, fleet.part(List.of(0, 2)), 1);
    InferenceStream flood = new InferenceStream(work, List.of(0, 2), 60, 0, 0, 16);
    InferenceStream seldom = new InferenceStream(work, List.of(1, 2), 4, 205, 240, 1);
    StreamSimulation fair = new StreamSimulator().turns(TURN_SECONDS).run(fleet, List.of(flood, seldom));
    for (double latency : fair.latencySeconds(1)) assertThat(latency).isLessThanOrEqualTo(40 + TURN_SECONDS + 20);
    assertThat(fair.steadyFramesPerSecond(0)).as("all that the other leaves").isGreaterThan(0.9 / 20);
    StreamSimulation first = new StreamSimulator().turns(1e6).run(fleet, List.of(flood, seldom));
    assertThat(first.steadyLatencySeconds(1)).as("first come, first served").isGreaterThan(200);
  }

  @Test
  void sourcesThatNeverStopAskingShareALaneEvenlyHoweverMuchTheyAskAtOnce() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 2);
    Fleet part = fleet.part(List.of(0, 2));
    InferenceStream many = new InferenceStream(work(graph, part, 1), List.of(0, 2), 60, 0, 0, 16);
    InferenceStream few = new InferenceStream(work(graph, part, 1, 1), List.of(1, 2), 60, 0, 0, 4);
    StreamSimulation s = new StreamSimulator().turns(TURN_SECONDS).run(fleet, List.of(many, few));
    assertThat(s.steadyFramesPerSecond(0)).isEqualTo(0.5 / 20, within(0.002));
    assertThat(s.steadyFramesPerSecond(1)).isEqualTo(0.5 / 20, within(0.002));
  }

  /** The other robot asks at random moments; ours asks rarely, so that its own frames do not meet. */
  @Test
  void theExpectedWaitPredictsWhatSharingAnEdgeCosts() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 2);
    Fleet alone = fleet.part(List.of(0, 2));
    Workload work = work(graph, alone, 1);
    List<InferenceStream> streams = new ArrayList<>();
    streams.add(new InferenceStream(work, List.of(0, 2), 3000, 100, 333.3, 4));
    Random random = new Random(1);
    double at = 0;
    for (int i = 0; at < 1_000_000; i++, at += -50 * Math.log(1 - random.nextDouble()))
      streams.add(new InferenceStream(work, List.of(1, 2), 1, at, 0, 1));
    StreamSimulation both = new StreamSimulator().turns(TURN_SECONDS).run(fleet, streams);
    double ignored = new Simulator().run(work, alone).latencySeconds();
    // Frames of the other robot keep the edge 20 s each, 40 % of the time.
    Contention other = new Contention(20 / 50.0, 20, 0);
    double predicted = new Simulator().run(work, alone.waiting(List.of(0.0, other.waitSeconds()))).latencySeconds();
    double measured = both.steadyLatencySeconds(0);
    assertThat(measured).isGreaterThan(1.1 * ignored);
    assertThat(predicted).isEqualTo(measured, within(0.06 * measured));
    double told = new Simulator().run(work, alone.waiting(List.of(0.0, both.waitSeconds(0, 2)))).latencySeconds();
    assertThat(told).as("by the wait that the device measures").isEqualTo(measured, within(0.02 * measured));
  }

  @Test
  void fiftyRobotsAreSimulatedAlikeEveryTime() {
    OperatorGraph graph = pair();
    int robots = 50;
    Fleet fleet = robotsAndEdge(graph, robots);
    Workload work = work(graph, fleet.part(List.of(0, robots)), 0, 1, 1);
    List<InferenceStream> streams = IntStream.range(0, robots)
        .mapToObj(r -> new InferenceStream(work, List.of(r, robots), 5, r * 0.7, 700, 2)).toList();
    StreamSimulation a = new StreamSimulator().run(fleet, streams);
    StreamSimulation b = new StreamSimulator().run(fleet, streams);
    for (int r = 0; r < robots; r++) assertThat(a.latencySeconds(r)).isEqualTo(b.latencySeconds(r));
    double[] slowest = a.latencySeconds(robots - 1);
    assertThat(Arrays.stream(slowest).max().orElseThrow()).isGreaterThan(a.latencySeconds(0)[0]);
  }

  @Test
  void streamsThatDoNotFitTheirFleetAreRefused() {
    OperatorGraph graph = pair();
    Fleet fleet = robotsAndEdge(graph, 1);
    Workload work = work(graph, fleet, 1);
    InferenceStream elsewhere = new InferenceStream(work, List.of(0, 2), 1, 0, 0, 1);
    assertThatThrownBy(() -> new StreamSimulator().run(fleet, elsewhere)).hasMessageContaining("device 2");
    assertThatThrownBy(() -> new InferenceStream(work, List.of(0), 1, 0, 0, 1)).hasMessageContaining("expected: 2");
    assertThatThrownBy(() -> new InferenceStream(work, List.of(1, 1), 1, 0, 0, 1)).hasMessageContaining("each once");
    assertThatThrownBy(() -> InferenceStream.backToBack(work, 0, 1)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> InferenceStream.every(-1, work, 1, 1)).hasMessageContaining("-1");
  }
}
