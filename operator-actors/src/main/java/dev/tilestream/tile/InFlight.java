package dev.tilestream.tile;

import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/** What the chunks are for that a link has under way, in their order. Not thread-safe: its link's alone. */
final class InFlight {
  /** What rows are for. */
  record Purpose(DeploymentId deployment, InferenceId inference, int tile) {
    static Purpose of(Parcel parcel) {
      return new Purpose(parcel.deployment(), parcel.inference(), parcel.tile());
    }
  }

  /** @param bytes of its rows, as they are in memory */
  private record Chunk(Purpose purpose, long bytes) {}

  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();

  /** Not yet packed. */
  void add(Parcel chunk) {
    chunks.add(new Chunk(Purpose.of(chunk), chunk.rows().bytes()));
  }

  /** All but the last {@code left} are there; {@code each} is told of which inference, and how many bytes of rows. */
  void arrived(long left, ObjLongConsumer<InferenceId> each) {
    while (chunks.size() > left) {
      Chunk there = chunks.remove();
      each.accept(there.purpose().inference(), there.bytes());
    }
  }

  /** Nothing is under way any more. What was, is returned, each once. */
  Set<Purpose> lose() {
    Set<Purpose> all = new LinkedHashSet<>();
    chunks.forEach(chunk -> all.add(chunk.purpose()));
    chunks.clear();
    return all;
  }
}
