package dev.tilestream.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import com.typesafe.config.Config;
import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.KernelVersions;
import dev.tilestream.profiles.DeviceMonitor;
import dev.tilestream.profiles.OwnProfiles;
import dev.tilestream.profiles.ProfileReplication;
import dev.tilestream.profiles.SharedProfiles;
import dev.tilestream.scheduler.power.PowerMeter;
import dev.tilestream.scheduler.profile.DeviceFingerprint;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.ProfileStore;
import dev.tilestream.scheduler.profile.Profiler;
import dev.tilestream.scheduler.profile.ProfilerSettings;
import dev.tilestream.scheduler.profile.Turns;
import dev.tilestream.tensor.wire.TensorMemory;
import dev.tilestream.tile.LaneSettings;
import dev.tilestream.tile.SpareTime;
import dev.tilestream.tile.TileHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this node knows of the speed and load of devices, wired for one start of it. */
final class DeviceProfiles {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceProfiles.class);
  private static final long POWER_SAMPLES_NANOS = 1_000_000_000L;
  /** A change of watts that others are told of. */
  private static final double NEWS = 0.1;
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private final SharedProfiles shared;
  private final OwnProfiles own;
  private final DeviceMonitor monitor;
  private final TileHost tiles;
  private final ActorRef<ProfileReplication.Command> replication;
  private final Optional<PowerMeter> meter;
  private final Power configured;
  private Power drawn;
  private long sampledNanos = System.nanoTime();
  private long togetherBefore;
  private long sampledBusyNanos;

  private DeviceProfiles(
      SharedProfiles shared, OwnProfiles own, DeviceMonitor monitor, TileHost tiles, ActorRef<ProfileReplication.Command> replication,
      Optional<PowerMeter> meter, Power configured) {
    this.shared = shared;
    this.own = own;
    this.monitor = monitor;
    this.tiles = tiles;
    this.replication = replication;
    this.meter = meter;
    this.configured = configured;
    drawn = configured;
  }

  static DeviceProfiles start(ActorContext<?> context, Guardian.Ingredients with, TileHost tiles) {
    var system = context.getSystem();
    String device = with.settings().name();
    NodeLimits limits = with.limits();
    LaneSettings lane = with.tiles().lane();
    KernelSettings kernels = KernelSettings.from(system.settings().config());
    ProfilerSettings measuring = new ProfilerSettings(
        limits.profileBudget(), ProfilerSettings.DEFAULT.repetitions(), lane.speed(), 1, with.tiles().link().packing());
    Profiler profiler = new Profiler(
        with.kernels(), TensorMemory.of(system).pool(), measuring,
        kernels.threads() == 1 ? Profiler::processorTime : System::nanoTime, turns(new SpareTime(tiles.lane())));
    ProfileStore store =
        new ProfileStore(limits.cacheDirectory().resolve("profiles"), fingerprint(kernels, lane, measuring), limits.profiles());
    SharedProfiles shared = new SharedProfiles();
    ActorRef<ProfileReplication.Command> replication = context.spawn(ProfileReplication.create(device, shared), "profiles");
    Power configured = power(system.settings().config());
    Optional<PowerMeter> meter =
        system.settings().config().getBoolean("tilestream.power.measure") ? PowerMeter.find(Path.of("/")) : Optional.empty();
    LOG.info("power: {}", meter.map(m -> "measured by " + m.name()).orElse("as configured, " + configured));
    Supplier<Power> known = () -> meter.map(m -> m.learned(configured)).orElse(configured);
    OwnProfiles own = new OwnProfiles(device, store, profiler, known, shared, replication::tell);
    system.getWhenTerminated().thenRun(own::close);
    DeviceMonitor monitor =
        new DeviceMonitor(device, lane.threads(), own, load -> replication.tell(new ProfileReplication.PublishLoad(load)));
    return new DeviceProfiles(shared, own, monitor, tiles, replication, meter, configured);
  }

  private static Turns turns(SpareTime spare) {
    return new Turns() {
      @Override
      public <T> T take(Supplier<T> piece) {
        return spare.take(piece);
      }

      @Override
      public boolean quiet(long patienceNanos) {
        return spare.quiet(patienceNanos);
      }
    };
  }

  private static DeviceFingerprint fingerprint(KernelSettings kernels, LaneSettings lane, ProfilerSettings measuring) {
    Map<String, String> settings = new HashMap<>(KernelVersions.of(kernels));
    settings.put("lane speed", Double.toString(lane.speed()));
    settings.put("measured for", measuring.budget().toString());
    settings.put("packing", Boolean.toString(measuring.packing()));
    try {
      return DeviceFingerprint.of(Files.exists(PROCESSOR) ? Files.readAllLines(PROCESSOR) : List.of(), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(PROCESSOR.toString(), e);
    }
  }

  SharedProfiles shared() {
    return shared;
  }

  OwnProfiles own() {
    return own;
  }

  /** Has what came from others noted at once. */
  void flush() {
    replication.tell(new ProfileReplication.Flush());
  }

  private static Power power(Config config) {
    Config watts = config.getConfig("tilestream.power");
    return new Power(watts.getDouble("idle"), watts.getDouble("compute"), watts.getDouble("transmit"), watts.getDouble("receive"));
  }

  /** Drawn by this device so far; empty where it has no sensors. */
  OptionalDouble joules() {
    return meter.map(m -> m.joules(System.nanoTime())).orElse(OptionalDouble.empty());
  }

  /** A few times a second. */
  void tick(NodeMetrics metrics) {
    long now = System.nanoTime();
    try {
      monitor.tick(tiles.timings().drain(), now);
    } catch (RuntimeException e) {
      // A wrong profile costs a worse plan; the node that it would take down with it costs its inferences.
      LOG.error("what tiles took is not learnt from", e);
    }
    DeviceLoad load = monitor.load();
    metrics.lane(load.utilisation(), load.waitSeconds());
    long together = tiles.lane().together();
    metrics.together(together - togetherBefore);
    togetherBefore = together;
    if (now - sampledNanos >= POWER_SAMPLES_NANOS) meter.ifPresent(m -> sample(m, now, metrics));
  }

  private void sample(PowerMeter meter, long now, NodeMetrics metrics) {
    long busy = tiles.lane().busyNanos();
    double utilisation = (busy - sampledBusyNanos) / ((double) (now - sampledNanos) * tiles.lane().settings().threads());
    sampledBusyNanos = busy;
    sampledNanos = now;
    meter.sample(now, utilisation);
    meter.watts().ifPresent(metrics::power);
    Power learned = meter.learned(configured);
    if (!differs(learned.idleWatts(), drawn.idleWatts()) && !differs(learned.computeWatts(), drawn.computeWatts())) return;
    drawn = learned;
    own.drawn();
  }

  private static boolean differs(double now, double before) {
    return Math.abs(now - before) > NEWS * Math.max(now, before);
  }
}
