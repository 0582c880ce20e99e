package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
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
  final List<Slot> retired = new ArrayList<>();
  final Deque<Flight> waiting = new ArrayDeque<>();
  /** Strategies whose deployment broke and is being replaced; {@code local} serves their requests meanwhile. */
  final Set<Strategy> replaced = EnumSet.noneOf(Strategy.class);
  /** Null until the first preparation is done. */
  Models.Prepared prepared;
  boolean preparing;
  long suspectUntilNanos = System.nanoTime();

  ModelInstance(Key key, LoadedModel model) {
    this.key = key;
    this.model = model;
  }
}
