package dev.tilestream.tile;

import dev.tilestream.tensor.InferenceId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The order in which inferences became known on this device: older ones go first on the air, and of one source on the lane. Sequence numbers only
 * compare within one source, so the rank is given at first sight. Remembers a bounded number; one that was forgotten ranks as new.
 * Thread-safe.
 */
public final class Seniority {
  private static final int REMEMBERED = 8192;

  private final Map<InferenceId, Long> ranks =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InferenceId, Long> eldest) {
          return size() > REMEMBERED;
        }
      };
  private long next;

  /** Smaller is older. */
  public synchronized long of(InferenceId inference) {
    Long rank = ranks.get(inference);
    if (rank == null) {
      rank = next++;
      ranks.put(inference, rank);
    }
    return rank;
  }
}
