package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A model for concrete input shapes at this source: its graph, what devices need for it, its deployments. */
final class ModelInstance {
  /** What tells instances apart. */
  record Key(String sha256, Map<String, Shape> shapes) {
    Key {
      shapes = Map.copyOf(shapes);
    }
  }

  final Key key;
  final LoadedModel model;
  final Map<Strategy, Slot> slots = new EnumMap<>(Strategy.class);
  final Deque<Flight> waiting = new ArrayDeque<>();
  /** Strategies whose deployment broke and is being replaced; {@code local} serves their requests meanwhile. */
  final Set<Strategy> replaced = EnumSet.noneOf(Strategy.class);
  /** Null until the first preparation is done. */
  Models.Prepared prepared;
  boolean preparing;
  /** Something changed while it was being prepared. */
  boolean prepareAgain;
  /** Prepared at this device alone is on its way, for inferences that can't wait for the others. */
  boolean preparingAlone;
  /** No new deployments: unloaded, or too long unused. */
  boolean removed;
  /** Inferences begun and not ended. */
  int flights;
  long suspectUntilNanos = System.nanoTime();
  /** When devices that were left out are asked again; 0: none was. */
  long retryAtNanos;

  ModelInstance(Key key, LoadedModel model) {
    this.key = key;
    this.model = model;
  }

  /** Nothing runs on it or waits for it. */
  boolean idle() {
    return flights == 0 && !preparing && !preparingAlone
        && slots.values().stream().allMatch(slot -> slot.state == Slot.State.LIVE && slot.inFlight == 0);
  }

  /** Plans from now on do without {@code device}, until it is asked again at {@code retryNanos}. */
  void leaveOut(String device, long retryNanos) {
    Map<String, DeviceProfile> others = new HashMap<>(prepared.profiles());
    if (others.remove(device) == null) return;
    prepared = new Models.Prepared(prepared.graph(), others);
    retryAtNanos = retryNanos == 0 ? 1 : retryNanos;
  }
}
