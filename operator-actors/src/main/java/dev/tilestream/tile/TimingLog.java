package dev.tilestream.tile;

import dev.tilestream.tensor.InferenceId;
import java.util.ArrayDeque;
import java.util.List;

/** The last few thousand tile runs of this device, for timelines and profiles. Thread-safe. */
public final class TimingLog {
  private static final int KEPT = 8192;

  private final ArrayDeque<TileTiming> last = new ArrayDeque<>();

  synchronized void add(TileTiming timing) {
    if (last.size() == KEPT) last.removeFirst();
    last.addLast(timing);
  }

  /** Runs for one inference, in the order in which they ended. */
  public synchronized List<TileTiming> of(InferenceId inference) {
    return last.stream().filter(t -> t.inference().equals(inference)).toList();
  }
}
