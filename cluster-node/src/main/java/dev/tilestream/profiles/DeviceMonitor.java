package dev.tilestream.profiles;

import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.LaneLoad;
import dev.tilestream.scheduler.profile.ProfileRefinement;
import dev.tilestream.scheduler.profile.ProfileRefinement.Observation;
import dev.tilestream.scheduler.profile.ProfileRefinement.Prediction;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tile.TileRecord;
import dev.tilestream.tile.TileTiming;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Watches what ran on this device's lane: compares each inference's tiles with what its profile says, and tells how busy the lane is. Asked
 * a few times a second; tiles themselves pay nothing for it but an entry in the log. Not thread-safe.
 */
public final class DeviceMonitor {
  private static final int PREDICTIONS_KEPT = 4096;
  private static final long WINDOW_NANOS = 5_000_000_000L;
  /** A device that ran nothing of a graph for so long is taken to be as quick as half-way back to what was measured. */
  private static final long REST_NANOS = 20_000_000_000L;
  /** News of the load: so much of the lane's time, or of a tile's wait. */
  private static final double LOAD_STEP = 0.05;
  private static final double WAIT_STEP = 0.25;
  private static final double WAIT_FLOOR_SECONDS = 0.5e-3;

  private record TileId(DeploymentId deployment, int tile) {}

  private record Predicted(DeviceProfile base, Prediction prediction) {}

  /** An inference's tiles so far, all held against one measuring of the device; it is over when a whole period brought none. */
  private static final class Gathered {
    private final String graphHash;
    private final ProfileRefinement refinement;
    private final List<Observation> tiles = new ArrayList<>();
    private boolean fresh;

    Gathered(String graphHash, ProfileRefinement refinement) {
      this.graphHash = graphHash;
      this.refinement = refinement;
    }
  }

  private final OwnProfiles own;
  private final LaneLoad lane;
  private final Consumer<DeviceLoad> publish;
  private final Map<TileId, Predicted> predictions = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<TileId, Predicted> eldest) {
      return size() > PREDICTIONS_KEPT;
    }
  };
  private final Map<InferenceId, Gathered> gathering = new LinkedHashMap<>();
  /** When the last inference of a graph ended or its slowness was last forgotten in part. */
  private final Map<String, Long> lastNanos = new HashMap<>();
  private DeviceLoad published;
  private DeviceLoad latest;

  /**
   * @param threads of the lane
   * @param publish gets this device's load when it has changed
   */
  public DeviceMonitor(String device, int threads, OwnProfiles own, Consumer<DeviceLoad> publish) {
    this.own = own;
    this.publish = publish;
    lane = new LaneLoad(device, threads, WINDOW_NANOS);
    published = DeviceLoad.idle(device);
    latest = published;
  }

  /** @param runs that ended since the last call */
  public void tick(List<TileRecord> runs, long nowNanos) {
    gathering.values().forEach(g -> g.fresh = false);
    for (TileRecord run : runs) {
      TileTiming t = run.timing();
      lane.ran(t.inference(), t.queuedNanos(), t.startNanos(), t.endNanos());
      // What several take together says nothing of what one takes.
      if (!run.together()) gather(run);
    }
    for (Iterator<Gathered> i = gathering.values().iterator(); i.hasNext(); ) {
      Gathered inference = i.next();
      if (inference.fresh) continue;
      i.remove();
      observe(inference, nowNanos);
    }
    rest(nowNanos);
    load(nowNanos);
  }

  /** As of the last tick. */
  public DeviceLoad load() {
    return latest;
  }

  private void gather(TileRecord run) {
    String hash = run.band().graph().hash();
    ProfileRefinement refinement = own.refinement(hash).orElse(null);
    if (refinement == null) return;
    TileTiming t = run.timing();
    TileId id = new TileId(t.deployment(), t.tile());
    Predicted known = predictions.get(id);
    if (known == null || known.base != refinement.base()) {
      known = new Predicted(refinement.base(), refinement.predict(run.band(), run.stages()));
      predictions.put(id, known);
    }
    // Measured anew meanwhile: what was gathered before says nothing of that.
    Gathered inference = gathering.compute(
        t.inference(), (key, old) -> old != null && old.refinement == refinement ? old : new Gathered(hash, refinement));
    inference.fresh = true;
    inference.tiles.add(new Observation(known.prediction, (t.endNanos() - t.startNanos()) * 1e-9));
  }

  private void observe(Gathered inference, long nowNanos) {
    ProfileRefinement refinement = own.refinement(inference.graphHash).orElse(null);
    if (refinement != inference.refinement) return;
    lastNanos.put(inference.graphHash, nowNanos);
    refinement.observe(inference.tiles).ifPresent(profile -> own.corrected(profile, refinement.factor()));
  }

  private void rest(long nowNanos) {
    for (Iterator<Map.Entry<String, Long>> i = lastNanos.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<String, Long> entry = i.next();
      if (nowNanos - entry.getValue() < REST_NANOS) continue;
      ProfileRefinement refinement = own.refinement(entry.getKey()).orElse(null);
      Optional<DeviceProfile> quicker = refinement == null ? Optional.empty() : refinement.rest();
      if (quicker.isPresent()) {
        entry.setValue(nowNanos);
        own.corrected(quicker.get(), refinement.factor());
      } else i.remove();
    }
  }

  private void load(long nowNanos) {
    DeviceLoad now = lane.at(nowNanos);
    latest = now;
    boolean busier = Math.abs(now.utilisation() - published.utilisation()) > LOAD_STEP;
    double wait = Math.abs(now.waitSeconds() - published.waitSeconds());
    boolean slower = wait > WAIT_FLOOR_SECONDS && wait > WAIT_STEP * Math.max(now.waitSeconds(), published.waitSeconds());
    boolean idle = now.utilisation() == 0 && published.utilisation() > 0;
    if (!busier && !slower && !idle) return;
    published = now;
    publish.accept(now);
  }
}
