package dev.tilestream.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.scheduler.profile.DeviceFingerprint;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.ProfileStore;
import dev.tilestream.scheduler.profile.Profiler;
import dev.tilestream.scheduler.profile.ProfilerSettings;
import dev.tilestream.scheduler.profile.StageTime;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tile.TileRecord;
import dev.tilestream.tile.TileTiming;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real graph and real kernels; what tiles took is made up. */
class OwnProfilesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final DeviceFingerprint HERE = DeviceFingerprint.of(List.of("processor: 0"), Map.of());

  @TempDir Path cache;
  private final BufferPool pool = BufferPool.bounded(1L << 30, 1L << 28);
  private final Kernels kernels = Kernels.of(new KernelSettings(1, KernelSettings.Backend.ONNXRUNTIME, Duration.ZERO));
  private final SharedProfiles shared = new SharedProfiles();
  private final Queue<ProfileReplication.Publish> published = new ConcurrentLinkedQueue<>();
  private final List<OwnProfiles> opened = new ArrayList<>();
  private OperatorGraph graph;

  @BeforeEach
  void load() {
    Path model = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve("models/mnist.onnx");
    Assumptions.assumeTrue(Files.exists(model), "test data is absent: " + model);
    graph = OnnxImporter.load(model, Map.of(), cache.resolve("graphs"));
  }

  @AfterEach
  void close() {
    opened.forEach(OwnProfiles::close);
    if (graph != null) graph.weights().close();
  }

  private OwnProfiles start(String device, Kernels computing, SharedProfiles known) {
    Profiler profiler = new Profiler(computing, pool, new ProfilerSettings(Duration.ofMillis(100), 2, 1, 1));
    OwnProfiles own = new OwnProfiles(
        device, new ProfileStore(cache.resolve("profiles"), HERE, 8), profiler, () -> Power.ROBOT, known, published::add);
    opened.add(own);
    return own;
  }

  private DeviceProfile measured(SharedProfiles known, String device) {
    return known.awaitMeasured(graph.hash(), device, PATIENCE).toCompletableFuture().join();
  }

  @Test
  void anEstimateComesFirstAndTheMeasuredProfileFollows() {
    DeviceProfile estimate = start("robot", kernels, shared).of(graph);
    assertThat(estimate.stages()).hasSameSizeAs(graph.stages()).allSatisfy(s -> assertThat(s.whole()).isPositive());
    DeviceProfile profile = measured(shared, "robot");
    assertThat(profile).isNotEqualTo(estimate);
    await().untilAsserted(() ->
        assertThat(published).extracting(ProfileReplication.Publish::measured).containsExactly(false, true));
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void aRestartedNodeDoesNotMeasureAgain() {
    start("robot", kernels, shared).of(graph);
    DeviceProfile before = measured(shared, "robot");
    opened.forEach(OwnProfiles::close);
    SharedProfiles later = new SharedProfiles();
    Kernels none = new Kernels() {
      @Override
      public Kernel create(Band band) {
        throw new AssertionError("it measures");
      }

      @Override
      public void close() {}
    };
    DeviceProfile again = start("robot-again", none, later).of(graph);
    assertThat(again.device()).isEqualTo("robot-again");
    assertThat(again.change(before)).isLessThan(1e-6);
    assertThat(later.measured(graph.hash(), "robot-again")).isTrue();
  }

  @Test
  void aDeviceWhoseTilesTakeThreeTimesAsLongIsNoticedWithinTwentyInferencesAndForgivenWhenNothingRuns() {
    OwnProfiles own = start("robot", kernels, shared);
    own.of(graph);
    DeviceProfile before = measured(shared, "robot").with(stretched());
    own.given(before);
    List<DeviceLoad> loads = new ArrayList<>();
    DeviceMonitor monitor = new DeviceMonitor("robot", 1, ownWith(before), loads::add);
    Queue<DeviceProfile> changes = new ConcurrentLinkedQueue<>();
    shared.listen(changes::add);
    long now = 1;
    for (int n = 0; n < 20; n++) {
      long took = (long) (3 * whole(before) * 1e9);
      monitor.tick(List.of(ran(n, now, now + took)), now + took);
      now += took + 1_000_000;
      monitor.tick(List.of(), now);
    }
    assertThat(changes).isNotEmpty();
    assertThat(shared.find(graph.hash(), "robot").orElseThrow().change(before)).isEqualTo(2, within(0.1));
    assertThat(loads).isNotEmpty();
    assertThat(loads.get(loads.size() - 1).utilisation()).isPositive();
    for (int minute = 1; minute <= 10; minute++) monitor.tick(List.of(), now + minute * 60_000_000_000L);
    assertThat(shared.find(graph.hash(), "robot").orElseThrow().change(before)).isLessThan(1e-6);
    assertThat(loads.get(loads.size() - 1).utilisation()).isZero();
  }

  @Test
  void anInferenceThatBeganBeforeTheDeviceWasMeasuredIsNotHeldAgainstTheMeasuring() {
    OwnProfiles own = start("robot", kernels, shared);
    DeviceMonitor monitor = new DeviceMonitor("robot", 1, own, load -> {});
    own.of(graph);
    measured(shared, "robot");
    for (int n = 0; n < 40; n++) {
      monitor.tick(List.of(ran(n, 1, 1_000_000_000)), n);
      own.begin(shared.find(graph.hash(), "robot").orElseThrow().with(n % 2 == 0 ? lopsided() : stretched()), true);
      monitor.tick(List.of(), n);
    }
    assertThat(own.refinement(graph.hash()).orElseThrow().factor()).isEqualTo(1);
  }

  @Test
  void whatWasLearntLongestAgoIsForgottenAndSharedAgainWhenItIsAskedFor() {
    OwnProfiles own = start("robot", kernels, shared);
    own.of(graph);
    DeviceProfile here = measured(shared, "robot");
    for (int n = 0; n < 300; n++) own.given(new DeviceProfile("robot", "graph-" + n, here.stages(), 1, 0, Power.ROBOT));
    assertThat(shared.find("graph-299", "robot")).isPresent();
    assertThat(shared.find("graph-0", "robot")).isEmpty();
    int before = published.size();
    own.of(graph);
    assertThat(published.size()).isGreaterThan(before);
    assertThat(shared.measured(graph.hash(), "robot")).isTrue();
  }

  /** Another node's own profiles for the same device, told what was measured. */
  private OwnProfiles ownWith(DeviceProfile profile) {
    new ProfileStore(cache.resolve("profiles"), HERE, 8).put(profile);
    shared.remove(new SharedProfiles.Key(graph.hash(), "robot"));
    OwnProfiles own = start("robot", kernels, shared);
    own.of(graph);
    return own;
  }

  /** Long enough to be timed. */
  private List<StageTime> stretched() {
    return graph.stages().stream().map(s -> StageTime.linear(1e-3, 1e-2)).toList();
  }

  /** All of the time in one stage, so that stages fall into other groups. */
  private List<StageTime> lopsided() {
    int last = graph.stages().size() - 1;
    return graph.stages().stream().map(s -> StageTime.linear(0, s.id() == last ? 1 : 0)).toList();
  }

  private double whole(DeviceProfile profile) {
    return profile.tileSeconds(band(), stages()) - profile.tileSeconds();
  }

  private List<Integer> stages() {
    return IntStream.range(0, graph.stages().size()).boxed().toList();
  }

  private Band band() {
    return Band.of(graph, stages(), graph.outputs().stream().map(t -> new Rows(t, graph.tensor(t).all())).toList());
  }

  private TileRecord ran(int inference, long start, long end) {
    return new TileRecord(
        new TileTiming(new DeploymentId(1, 1), 0, new InferenceId(1, inference), start, start, end), band(), stages());
  }
}
