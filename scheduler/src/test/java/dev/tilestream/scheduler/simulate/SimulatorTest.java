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
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two stages on 100 rows of 512 bytes; a row takes 1 s in the air, a stage on all rows 100 s at the source and 10 s elsewhere. */
class SimulatorTest {
  private static final double ROW = 8 * 16 * 4;

  /** Two 1x1 convolutions, so that halos do not blur the sums. */
  private static OperatorGraph pair() {
    Graphs g = new Graphs("pair");
    return g.output(g.conv(g.conv(g.input(8, 100), 1, 1, 8), 1, 1, 8)).build();
  }

  private static DeviceProfile device(String name, OperatorGraph graph, double stageSeconds, Power power) {
    List<StageTime> stages = Collections.nCopies(graph.stages().size(), StageTime.linear(0, stageSeconds));
    return new DeviceProfile(name, graph.hash(), stages, 1, 0, power);
  }

  private static Fleet fleet(OperatorGraph graph, int devices, double delay, double messageSeconds, Medium medium) {
    List<DeviceProfile> all = new ArrayList<>();
    for (int i = 0; i < devices; i++) all.add(device("d" + i, graph, i == 0 ? 100 : 10, new Power(1, 11, 3, 2)));
    Fleet fleet = Fleet.uniform(all, new LinkEstimate(ROW, delay, messageSeconds));
    return new Fleet(fleet.devices(), fleet.links(), medium);
  }

  private static Fleet fleet(OperatorGraph graph, int devices) {
    return fleet(graph, devices, 0, 0, Medium.PER_LINK);
  }

  private static Tile tile(int id, int device, List<Integer> stages, int tensor, int from, int to, int urgency) {
    return new Tile(id, device, stages, List.of(new Rows(tensor, RowSpan.of(from, to))), urgency);
  }

  private static Plan plan(OperatorGraph graph, Fleet fleet, Tile... tiles) {
    return new Plan(graph.hash(), Strategy.HYBRID, fleet.names(), List.of(tiles), Double.NaN, Double.NaN, true);
  }

  private static Simulation run(OperatorGraph graph, Fleet fleet, Tile... tiles) {
    return new Simulator().run(graph, plan(graph, fleet, tiles), fleet);
  }

  @Test
  void aLocalPlanTakesItsStagesAndNoAir() {
    OperatorGraph graph = pair();
    Simulation s = run(graph, fleet(graph, 1), tile(0, 0, List.of(0, 1), 2, 0, 100, 0));
    assertThat(s.latencySeconds()).isEqualTo(200, within(1e-9));
    assertThat(s.bytesOverAir()).isZero();
  }

  @Test
  void anOffloadedPlanTakesItsWayThereItsStagesAndItsWayBack() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2, 3, 0, Medium.PER_LINK);
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    assertThat(s.latencySeconds()).isEqualTo(100 + 3 + 20 + 100 + 3, within(1e-9));
    assertThat(s.bytes(0, 1)).isEqualTo((long) (100 * ROW));
    assertThat(s.bytes(1, 0)).isEqualTo((long) (100 * ROW));
    assertThat(s.tileStartSeconds(0)).isEqualTo(103, within(1e-9));
  }

  private static Fleet packing(Fleet fleet, Double... shares) {
    List<DeviceProfile> devices = new ArrayList<>(fleet.devices());
    devices.set(0, devices.get(0).packing(List.of(shares)));
    return new Fleet(devices, fleet.links(), fleet.medium());
  }

  @Test
  void whatPacksWellTakesLessOfASlowAir() {
    OperatorGraph graph = pair();
    Fleet fleet = packing(fleet(graph, 2, 3, 0, Medium.PER_LINK), 0.25, 1.0, 0.5);
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    assertThat(s.latencySeconds()).isEqualTo(25 + 3 + 20 + 50 + 3, within(1e-2));
    assertThat(s.bytes(0, 1)).isEqualTo((long) (25 * ROW));
    assertThat(s.bytes(1, 0)).isEqualTo((long) (50 * ROW));
  }

  @Test
  void anAirThatIsQuickerThanPackingGetsRowsAsTheyAre() {
    OperatorGraph graph = pair();
    Fleet slow = fleet(graph, 2);
    Fleet quick = Fleet.uniform(slow.devices(), new LinkEstimate(1e12, 0, 0));
    Tile tile = tile(0, 1, List.of(0, 1), 2, 0, 100, 0);
    double plain = run(graph, quick, tile).latencySeconds();
    assertThat(run(graph, packing(quick, 0.25, 0.25, 0.25), tile).latencySeconds()).isEqualTo(plain, within(1e-12));
  }

  @Test
  void everyChunkCostsItsMessageOverhead() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2, 0, 0.5, Medium.PER_LINK);
    Plan plan = plan(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    Simulation s = new Simulator((int) (10 * ROW)).run(graph, plan, fleet);
    assertThat(s.latencySeconds()).isEqualTo(100 + 10 * 0.5 + 20 + 100 + 10 * 0.5, within(1e-9));
  }

  @Test
  void chunksAreWholeRows() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2, 0, 0.5, Medium.PER_LINK);
    Plan plan = plan(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    Simulation s = new Simulator((int) (7.9 * ROW)).run(graph, plan, fleet);
    assertThat(s.latencySeconds()).isEqualTo(2 * (100 + 15 * 0.5) + 20, within(1e-9));
  }

  @Test
  void computingAndSendingOverlapWhenRowsComeInPieces() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2);
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 50, 0), tile(1, 1, List.of(0, 1), 2, 50, 100, 1));
    // Rows 0-50 are there at 50, made at 60, back at 110; rows 50-100 are there at 100, made at 110, back at 160.
    assertThat(s.latencySeconds()).isEqualTo(160, within(1e-9));
  }

  @Test
  void twoDevicesShareTheRows() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2);
    Simulation s = run(graph, fleet, tile(0, 0, List.of(0, 1), 2, 0, 40, 0), tile(1, 1, List.of(0, 1), 2, 40, 100, 1));
    assertThat(s.tileEndSeconds(0)).isEqualTo(80, within(1e-9));
    assertThat(s.latencySeconds()).isEqualTo(60 + 12 + 60, within(1e-9));
  }

  @Test
  void theMoreUrgentTileRunsFirst() {
    OperatorGraph graph = pair();
    Simulation s = run(graph, fleet(graph, 1), tile(0, 0, List.of(0, 1), 2, 0, 50, 1), tile(1, 0, List.of(0, 1), 2, 50, 100, 0));
    assertThat(s.tileStartSeconds(1)).isZero();
    assertThat(s.tileStartSeconds(0)).isEqualTo(100, within(1e-9));
  }

  @Test
  void moreUrgentRowsOvertakeOnALinkBetweenChunks() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2);
    // The source's own first stage makes rows 90-100 urgently at 10, while the input of the other tile is in the air.
    Tile here = tile(0, 0, List.of(0), 1, 90, 100, 0);
    Plan plan = plan(graph, fleet, here, tile(1, 1, List.of(1), 2, 90, 100, 1), tile(2, 1, List.of(0, 1), 2, 0, 90, 2));
    Simulation s = new Simulator((int) (4 * ROW)).run(graph, plan, fleet);
    assertThat(s.tileStartSeconds(1)).as("10 s of computing, up to the end of a chunk at 12, then 10 rows").isEqualTo(22, within(1e-9));
    assertThat(s.tileStartSeconds(2)).isEqualTo(100, within(1e-9));
  }

  @Test
  void peersTakeTurnsOnOneAirButNotOnWiresOfTheirOwn() {
    OperatorGraph graph = pair();
    Tile[] tiles = {tile(0, 1, List.of(0, 1), 2, 0, 50, 0), tile(1, 2, List.of(0, 1), 2, 50, 100, 1)};
    assertThat(run(graph, fleet(graph, 3, 0, 0, Medium.PER_LINK), tiles).latencySeconds()).isEqualTo(50 + 10 + 50, within(1e-9));
    assertThat(run(graph, fleet(graph, 3, 0, 0, Medium.PER_SENDER), tiles).latencySeconds()).isEqualTo(100 + 10 + 50, within(1e-9));
    // Shared: input of tile 0 until 50, of tile 1 until 100 (its answer waits from 60), answer 0 until 150, answer 1 until 200.
    assertThat(run(graph, fleet(graph, 3, 0, 0, Medium.SHARED), tiles).latencySeconds()).isEqualTo(200, within(1e-9));
  }

  @Test
  void aChunkInFlightTakesAsLongAsItsLinksRateSaysWhileItLasts() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2, 3, 0.5, Medium.PER_LINK);
    Workload work = Workload.of(graph, plan(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0)), fleet);
    LinkSchedule halved = LinkSchedule.steps(new double[] {0, 1050}, new double[] {ROW, ROW / 2});
    Simulation s = new Simulator((int) (100 * ROW)).run(work, fleet, LinkSchedules.all(halved), 1000);
    assertThat(s.tileStartSeconds(0)).as("50 rows in 50 s, 50 rows in 100 s, a message, the delay").isEqualTo(153.5, within(1e-9));
    assertThat(s.latencySeconds()).isEqualTo(153.5 + 20 + 200 + 3.5, within(1e-9));
    assertThat(s.joules(1)).as("idle, 20 s computing, 150.5 s receiving, 200.5 s sending")
        .isEqualTo(377 + 200 + 150.5 + 2 * 200.5, within(1e-9));
  }

  @Test
  void onlyLinksWithAScheduleFollowIt() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2);
    Workload work = Workload.of(graph, plan(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0)), fleet);
    LinkSchedules back = (from, to) -> from == 1 ? LinkSchedule.constant(2 * ROW) : null;
    assertThat(new Simulator().run(work, fleet, back, 7).latencySeconds()).isEqualTo(100 + 20 + 50, within(1e-9));
  }

  @Test
  void aConstantScheduleIsTheConstantRate() {
    OperatorGraph graph = Graphs.chain(6, 64);
    for (long seed = 0; seed < 30; seed++) {
      Fleet fleet = Fleets.random(graph, new Random(seed));
      Workload work = Workload.of(graph, RandomTiles.plan(graph, fleet, new Random(seed)), fleet);
      LinkSchedules same = (from, to) -> LinkSchedule.constant(fleet.link(from, to).bytesPerSecond());
      Simulation fast = new Simulator().run(work, fleet);
      Simulation general = new Simulator().run(work, fleet, same, 0);
      assertThat(general.latencySeconds()).isEqualTo(fast.latencySeconds(), within(1e-9));
      assertThat(general.timeline()).hasSameSizeAs(fast.timeline());
      assertThat(general.fleetJoules()).isEqualTo(fast.fleetJoules(), within(1e-6));
    }
  }

  @Test
  void chunksAreShorterOnSlowLinksSoThatUrgentRowsWaitLess() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2, 0, 0.5, Medium.PER_LINK);
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    assertThat(s.latencySeconds()).as("32 KiB are 64 rows: two chunks each way").isEqualTo(100 + 1 + 20 + 100 + 1, within(1e-9));
  }

  @Test
  void whoComesToALaneThatOthersUseWaitsForThemOnceAndThenKeepsIt() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2).waiting(List.of(0.0, 7.0));
    // Rows 0-50 are there at 50 and run at 57; rows 50-100 are there at 100, when the lane has been free again.
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 50, 0), tile(1, 1, List.of(0, 1), 2, 50, 100, 1));
    assertThat(s.tileStartSeconds(0)).isEqualTo(57, within(1e-9));
    assertThat(s.tileStartSeconds(1)).isEqualTo(107, within(1e-9));
    // In a chain, the second follows right behind the first.
    Simulation chain = run(graph, fleet, tile(0, 1, List.of(0), 1, 0, 100, 0), tile(1, 1, List.of(1), 2, 0, 100, 1));
    assertThat(chain.tileStartSeconds(0)).isEqualTo(107, within(1e-9));
    assertThat(chain.tileStartSeconds(1)).isEqualTo(117, within(1e-9));
    assertThat(chain.busySeconds(1)).as("waiting is not computing").isEqualTo(20, within(1e-9));
  }

  @Test
  void energyCountsEveryState() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2);
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    assertThat(s.sourceJoules()).as("220 s idle at 1 W, 100 s sending 2 W more, 100 s receiving 1 W more")
        .isEqualTo(220 + 200 + 100, within(1e-9));
    assertThat(s.joules(1)).as("220 s idle, 20 s computing 10 W more, 100 s receiving, 100 s sending")
        .isEqualTo(220 + 200 + 100 + 200, within(1e-9));
    assertThat(s.fleetJoules()).isEqualTo(520 + 720, within(1e-9));
  }

  @Test
  void theTimelineTellsWhoDoesWhatWhen() {
    OperatorGraph graph = pair();
    Fleet fleet = fleet(graph, 2);
    Simulation s = run(graph, fleet, tile(0, 1, List.of(0, 1), 2, 0, 100, 0));
    assertThat(s.timeline())
        .containsExactly(
            new Simulation.Activity("d0 > d1", "t0[0, 100)", 0, 100),
            new Simulation.Activity("d1", "stages 0-1 t2[0, 100)", 100, 120),
            new Simulation.Activity("d1 > d0", "t2[0, 100)", 120, 220));
  }

  @Test
  void aPlanForOtherDevicesIsRefused() {
    OperatorGraph graph = pair();
    Plan plan = plan(graph, fleet(graph, 2), tile(0, 0, List.of(0, 1), 2, 0, 100, 0));
    assertThatThrownBy(() -> new Simulator().run(graph, plan, fleet(graph, 3))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("d2");
  }

  @Test
  void aBigPlanIsSimulatedInMilliseconds() {
    OperatorGraph graph = Graphs.chain(150, 480);
    Fleet fleet = Fleets.robotAndEdges(graph, 2, 1e9, 90);
    Workload work = Workload.of(graph, big(graph, fleet), fleet);
    Simulator simulator = new Simulator();
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 200; i++) {
      long start = System.nanoTime();
      simulator.run(work, fleet);
      best = Math.min(best, System.nanoTime() - start);
    }
    assertThat(work.tiles()).isEqualTo(150 * 16 * 3);
    System.out.printf("simulator: %d tiles, %d messages in %.2f ms%n", work.tiles(), work.messages(), best / 1e6);
    assertThat(best / 1e6).as("ms, the best of 200").isLessThan(10);
  }

  /** 16 tiles a stage and device. */
  private static Plan big(OperatorGraph graph, Fleet fleet) {
    List<Tile> tiles = new ArrayList<>();
    for (int stage = 0; stage < 150; stage++)
      for (int t = 0; t < 48; t++)
        tiles.add(tile(tiles.size(), t / 16, List.of(stage), graph.stage(stage).outputs().get(0), t * 10, t * 10 + 10, tiles.size()));
    return new Plan(graph.hash(), Strategy.EVEN, fleet.names(), tiles, Double.NaN, Double.NaN, true);
  }
}
