package dev.tilestream.tile;

import dev.tilestream.kernel.Halt;

/**
 * Something for the compute lane. Of one source, jobs of a smaller {@link #seniority} go first, among them those of a smaller {@link #urgency}.
 */
public interface LaneJob {
  /** Whose inference it is for; sources take turns. */
  long source();

  long seniority();

  int urgency();

  /**
   * Whether it only fills in time that no tile wants: not stretched, not counted as work. Give it the greatest seniority, and see
   * {@link SpareTime}.
   */
  default boolean spare() {
    return false;
  }

  /** Claims the job for the calling thread; false when it was cancelled meanwhile and must not run. */
  boolean begin();

  /** The kernel; this is what the lane times and stretches. */
  void compute();

  /** Ends it early. */
  default Halt halt() {
    return new Halt();
  }

  /** What counts for an emulated device of a {@link #compute} that took so long on this machine. */
  default long pace(long nanos) {
    return nanos;
  }

  /** Hands the results on, once the (stretched) time has passed. Always called after {@link #compute}. */
  void finish(long queuedNanos, long startNanos, long endNanos);
}
