package dev.tilestream.profiles;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.ProfileRefinement;
import dev.tilestream.scheduler.profile.ProfileStore;
import dev.tilestream.scheduler.profile.Profiler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This device's profiles: from disk where it has measured before, else estimated at first and measured in the background, one graph after
 * the other; then corrected by what its tiles take. Thread-safe.
 */
public final class OwnProfiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnProfiles.class);
  private static final int MOST_GRAPHS = 128;

  private final String device;
  private final ProfileStore store;
  private final Profiler profiler;
  private final Supplier<Power> power;
  private final SharedProfiles shared;
  private final Consumer<ProfileReplication.Publish> publish;
  private final ExecutorService background =
      Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "tilestream-profiler");
        thread.setDaemon(true);
        return thread;
      });
  /** By graph, in the order of their last use. */
  private final Map<String, ProfileRefinement> refinements = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, ProfileRefinement> eldest) {
      return size() > MOST_GRAPHS;
    }
  };

  /**
   * @param profiler blocks only the threads that call {@link #of} and this one's own
   * @param power what the device draws, as known now
   * @param shared where the device's own profiles are known first
   * @param publish tells other members
   */
  public OwnProfiles(
      String device, ProfileStore store, Profiler profiler, Supplier<Power> power, SharedProfiles shared,
      Consumer<ProfileReplication.Publish> publish) {
    this.device = device;
    this.store = store;
    this.profiler = profiler;
    this.power = power;
    this.shared = shared;
    this.publish = publish;
  }

  /** What is known of the graph; blocks while it is estimated, once. */
  public DeviceProfile of(OperatorGraph graph) {
    Optional<DeviceProfile> known = shared.find(graph.hash(), device);
    if (known.isPresent()) {
      // Others are told of so many graphs at most: of this one again, if that was long ago.
      publish.accept(new ProfileReplication.Publish(known.get(), shared.measured(graph.hash(), device)));
      return known.get();
    }
    Optional<DeviceProfile> stored = store.find(graph.hash(), graph.stages().size());
    if (stored.isPresent()) {
      DeviceProfile profile = stored.get().named(device).with(power.get());
      LOG.info("graph {}: measured on this device before, {} stages", brief(graph), profile.stages().size());
      begin(profile, true);
      return profile;
    }
    long start = System.nanoTime();
    DeviceProfile estimate = profiler.estimate(device, graph, power.get());
    LOG.info("graph {}: estimated in {} ms", brief(graph), (System.nanoTime() - start) / 1_000_000);
    begin(estimate, false);
    try {
      background.execute(() -> measure(graph));
    } catch (RejectedExecutionException e) {
      LOG.debug("graph {}: not measured, the node stops", brief(graph));
    }
    return estimate;
  }

  /** Takes a profile for right that nobody here has measured. */
  public void given(DeviceProfile profile) {
    share(profile, true);
  }

  private static String brief(OperatorGraph graph) {
    return brief(graph.hash());
  }

  private static String brief(String hash) {
    return hash.substring(0, Math.min(12, hash.length()));
  }

  private void measure(OperatorGraph graph) {
    try {
      long start = System.nanoTime();
      DeviceProfile profile = profiler.profile(device, graph, power.get());
      double all = profile.stages().stream().mapToDouble(s -> s.whole()).sum() * profile.fusedRatio();
      LOG.info("graph {}: {} stages measured in {} ms: {} ms an inference", brief(graph), profile.stages().size(),
          (System.nanoTime() - start) / 1_000_000, String.format(Locale.ROOT, "%.1f", all * 1e3));
      store.put(profile);
      begin(profile, true);
    } catch (CancellationException stopping) {
      LOG.debug("graph {}: not measured, the node stops", brief(graph));
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("graph {}: not measured, its estimate stays", brief(graph), e);
    }
  }

  /** From now on tiles are held against {@code profile}. */
  void begin(DeviceProfile profile, boolean measured) {
    synchronized (this) {
      refinements.put(profile.graphHash(), new ProfileRefinement(profile));
    }
    share(profile, measured);
  }

  private void share(DeviceProfile profile, boolean measured) {
    if (shared.put(profile, measured)) publish.accept(new ProfileReplication.Publish(profile, measured));
  }

  /** What corrects the profile for this graph, in the hands of {@link DeviceMonitor} alone. Empty for graphs that are not corrected. */
  synchronized Optional<ProfileRefinement> refinement(String graphHash) {
    return Optional.ofNullable(refinements.get(graphHash));
  }

  /** A corrected profile. */
  void corrected(DeviceProfile profile, double factor) {
    LOG.info("graph {}: this device takes {} times what was measured", brief(profile.graphHash()),
        String.format(Locale.ROOT, "%.2f", factor));
    share(profile.with(power.get()), shared.measured(profile.graphHash(), device));
  }

  /** What the device draws is known better now: its profiles say so. */
  public void drawn() {
    List<DeviceProfile> known;
    synchronized (this) {
      known = refinements.values().stream().map(ProfileRefinement::base).toList();
    }
    for (DeviceProfile base : known)
      shared.find(base.graphHash(), device)
          .ifPresent(now -> share(now.with(power.get()), shared.measured(base.graphHash(), device)));
  }

  @Override
  public void close() {
    background.shutdownNow();
  }
}
