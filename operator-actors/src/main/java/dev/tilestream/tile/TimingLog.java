package dev.tilestream.tile;

import dev.tilestream.tensor.InferenceId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The last few thousand tile runs of this device, for timelines and profiles. Thread-safe. */
public final class TimingLog {
  private static final int KEPT = 8192;

  private final ArrayDeque<TileTiming> last = new ArrayDeque<>();
  /** What {@link #drain} has not handed out yet; nothing before it was first asked. */
  private ArrayDeque<TileRecord> fresh;

  void add(TileTiming timing, TileTask task, boolean failed) {
    add(timing, task, failed, 0, 1);
  }

  /**
   * @param place of this tile among those that ran together
   * @param count of these
   */
  synchronized void add(TileTiming timing, TileTask task, boolean failed, int place, int count) {
    if (last.size() == KEPT) last.removeFirst();
    last.addLast(timing);
    if (fresh == null || failed) return;
    if (fresh.size() == KEPT) fresh.removeFirst();
    fresh.addLast(new TileRecord(timing.part(place, count), task.band(), task.tile().stages(), count > 1));
  }

  /** Runs for one inference, in the order in which they ended. */
  public synchronized List<TileTiming> of(InferenceId inference) {
    return last.stream().filter(t -> t.inference().equals(inference)).toList();
  }

  /**
   * The runs that ended well since the last call, in the order in which they ended, so many as are kept; at the first call none. For one
   * caller.
   */
  public synchronized List<TileRecord> drain() {
    List<TileRecord> runs = fresh == null ? List.of() : new ArrayList<>(fresh);
    fresh = new ArrayDeque<>();
    return runs;
  }
}
