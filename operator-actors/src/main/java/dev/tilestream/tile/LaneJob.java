package dev.tilestream.tile;

import dev.tilestream.kernel.Halt;
import java.util.List;

/**
 * Something for the compute lane. Of one source, jobs of a smaller {@link #seniority} go first, among them those that are no {@link #hedge}, then
 * those of a smaller {@link #urgency}.
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

  /** Whether it computes what others may still deliver; it stands aside then for jobs as old that are none, see {@link #pause}. */
  default boolean hedge() {
    return false;
  }

  /** Ends this attempt of a job that runs; {@link #again} tells whether that was in time. */
  default void pause() {}

  /**
   * After {@link #compute}: true when it was paused and is as if it had never begun. Otherwise {@link #finish} it.
   *
   * @param served the kernel has had all of its (stretched) time
   */
  default boolean again(boolean served) {
    return false;
  }

  /** Jobs of the same group may be computed together, see {@link #computeWith}; null: this one is computed by itself. */
  default Together group() {
    return null;
  }

  /** In place of {@link #compute}: of this job and others of its group, all of them claimed. Each is finished by itself. */
  default void computeWith(List<LaneJob> others) {
    throw new IllegalStateException("job: has no group (expected: one)");
  }

  /** Claims the job for the calling thread; false when it was cancelled meanwhile and must not run. */
  boolean begin();

  /** The kernel; this is what the lane times and stretches. */
  void compute();

  /** Ends this attempt early. */
  default Halt halt() {
    return new Halt();
  }

  /** What counts for an emulated device of a {@link #compute} that took so long on this machine. */
  default long pace(long nanos) {
    return nanos;
  }

  /** Hands the results on, once the (stretched) time has passed. Called after {@link #compute}, but for {@link #again}. */
  void finish(long queuedNanos, long startNanos, long endNanos);
}
