package dev.tilestream.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.KernelVersions;
import dev.tilestream.profiles.DeviceMonitor;
import dev.tilestream.profiles.OwnProfiles;
import dev.tilestream.profiles.ProfileReplication;
import dev.tilestream.profiles.SharedProfiles;
import dev.tilestream.scheduler.profile.DeviceFingerprint;
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
import java.util.function.Supplier;

/** What this node knows of the speed and load of devices, wired for one start of it. */
final class DeviceProfiles {
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private final SharedProfiles shared;
  private final OwnProfiles own;
  private final DeviceMonitor monitor;
  private final TileHost tiles;
  private final ActorRef<ProfileReplication.Command> replication;

  private DeviceProfiles(
      SharedProfiles shared, OwnProfiles own, DeviceMonitor monitor, TileHost tiles, ActorRef<ProfileReplication.Command> replication) {
    this.shared = shared;
    this.own = own;
    this.monitor = monitor;
    this.tiles = tiles;
    this.replication = replication;
  }

  static DeviceProfiles start(ActorContext<?> context, Guardian.Ingredients with, TileHost tiles) {
    var system = context.getSystem();
    String device = with.settings().name();
    NodeLimits limits = with.limits();
    LaneSettings lane = with.tiles().lane();
    KernelSettings kernels = KernelSettings.from(system.settings().config());
    ProfilerSettings measuring = new ProfilerSettings(limits.profileBudget(), ProfilerSettings.DEFAULT.repetitions(), lane.speed(), 1);
    Profiler profiler = new Profiler(
        with.kernels(), TensorMemory.of(system).pool(), measuring,
        kernels.threads() == 1 ? Profiler::processorTime : System::nanoTime, turns(new SpareTime(tiles.lane())));
    ProfileStore store =
        new ProfileStore(limits.cacheDirectory().resolve("profiles"), fingerprint(kernels, lane, measuring), limits.profiles());
    SharedProfiles shared = new SharedProfiles();
    ActorRef<ProfileReplication.Command> replication = context.spawn(ProfileReplication.create(device, shared), "profiles");
    OwnProfiles own = new OwnProfiles(device, store, profiler, () -> Power.ROBOT, shared, replication::tell);
    system.getWhenTerminated().thenRun(own::close);
    DeviceMonitor monitor =
        new DeviceMonitor(device, lane.threads(), own, load -> replication.tell(new ProfileReplication.PublishLoad(load)));
    return new DeviceProfiles(shared, own, monitor, tiles, replication);
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

  /** A few times a second. */
  void tick() {
    monitor.tick(tiles.timings().drain(), System.nanoTime());
  }
}
