package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.TrackRecord;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.Shape;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A model for concrete input shapes at this source: its graph, what devices need for it, its plans and deployments. */
final class ModelInstance {
  /** Plans whose measured times are remembered. */
  private static final int RECORDS = 64;

  /** What tells instances apart. */
  record Key(String sha256, Map<String, Shape> shapes) {
    Key {
      shapes = Map.copyOf(shapes);
    }
  }

  final Key key;
  final LoadedModel model;
  final Map<PlanGoal, Course> courses = new LinkedHashMap<>();
  /** Deployed, or being deployed, by what their plans do. */
  final Map<String, Slot> slots = new LinkedHashMap<>();
  final Deque<Flight> waiting = new ArrayDeque<>();
  private final Map<String, TrackRecord> records = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, TrackRecord> eldest) {
      return size() > RECORDS;
    }
  };
  /** What tables promise for: devices by name. */
  private final Map<String, DeviceProfile> promised = new HashMap<>();
  /** Null until the first preparation is done. */
  Models.Prepared prepared;
  /** From planning anew, of all goals together; null until there is one. */
  Rest rest;
  boolean preparing;
  /** Something changed while it was being prepared. */
  boolean prepareAgain;
  /** Prepared at this device alone is on its way, for inferences that can't wait for the others. */
  boolean preparingAlone;
  /** No new deployments: unloaded, or too long unused. */
  boolean removed;
  /** Inferences begun and not ended. */
  int flights;
  private Suspicion suspicion;
  /** When devices that were left out are asked again; 0: none was. */
  long retryAtNanos;
  /** Negative until somebody asked. */
  private long weightBytes = -1;

  ModelInstance(Key key, LoadedModel model) {
    this.key = key;
    this.model = model;
  }

  /** Whether plans avoid peers. */
  Suspicion suspicion(Duration shortest) {
    if (suspicion == null) suspicion = new Suspicion(shortest);
    return suspicion;
  }

  /** Nothing runs on it or waits for it. */
  boolean idle() {
    return flights == 0 && !preparing && !preparingAlone
        && courses.values().stream().noneMatch(course -> course.table == null && !course.failed)
        && slots.values().stream().allMatch(slot -> slot.state == Slot.State.LIVE && slot.inFlight == 0);
  }

  /** Of a prepared one: what its graph's constants take. They are the same for as long as it lives. */
  long weightBytes() {
    if (weightBytes < 0)
      weightBytes = prepared.graph().tensors().stream().filter(t -> t.constant() && t.type() != null).mapToLong(t -> t.bytes(t.rows())).sum();
    return weightBytes;
  }

  /** What was measured of the plan {@code hash}. */
  TrackRecord record(String hash, long silenceNanos) {
    return records.computeIfAbsent(hash, key -> new TrackRecord(silenceNanos));
  }

  /** Median of measured by promised latencies of the plan {@code hash}; 1 when nothing is known. */
  double ratio(String hash) {
    TrackRecord record = records.get(hash);
    return record == null ? 1 : record.ratio();
  }

  /** What was measured may say nothing any more. */
  void drifted(long now) {
    records.values().forEach(record -> record.drifted(now));
  }

  /**
   * The tables that are made next are for the devices of {@code fleet} as they compute now. Told of by every goal, it counts once: see {@link
   * TrackRecord#promisesChange}.
   */
  void speeds(Fleet fleet, long recentNanos, long now) {
    Set<String> drifted = new HashSet<>();
    for (DeviceProfile profile : fleet.devices()) {
      DeviceProfile before = promised.putIfAbsent(profile.device(), profile);
      if (before == null || !Drift.speed(before, profile)) continue;
      promised.put(profile.device(), profile);
      drifted.add(profile.device());
    }
    if (drifted.isEmpty()) return;
    records.forEach((hash, record) -> {
      if (plan(hash).filter(plan -> computes(plan, drifted)).isPresent()) record.promisesChange(recentNanos, now);
    });
  }

  /**
   * A table was made for the devices as they are.
   *
   * @param before the one that promised until now
   * @param factorBefore of the rates of now, for that
   * @param factor for the new one
   */
  void promises(PlanTable before, double factorBefore, PlanTable table, double factor) {
    for (PlanTable.Entry entry : table.entries()) {
      TrackRecord record = records.get(entry.hash());
      Optional<PlanTable.Entry> old = before.find(entry.hash());
      if (record != null && old.isPresent()) record.promises(before.seconds(old.get(), factorBefore), table.seconds(entry, factor));
    }
  }

  private Optional<Plan> plan(String hash) {
    return courses.values().stream().filter(course -> course.has(hash)).findFirst()
        .map(course -> course.table.find(hash).orElseThrow().plan());
  }

  private static boolean computes(Plan plan, Set<String> devices) {
    return plan.tiles().stream().anyMatch(tile -> devices.contains(plan.devices().get(tile.device())));
  }

  /** Plans from now on do without {@code device}, until it is asked again at {@code retryNanos}. */
  void leaveOut(String device, long retryNanos) {
    Map<String, DeviceProfile> others = new HashMap<>(prepared.profiles());
    if (others.remove(device) == null) return;
    prepared = new Models.Prepared(prepared.graph(), others);
    retryAtNanos = retryNanos == 0 ? 1 : retryNanos;
  }
}
