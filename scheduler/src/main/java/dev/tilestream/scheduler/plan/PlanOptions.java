package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Precision;
import java.util.Objects;

/**
 * What a search is for and how far it may go.
 *
 * @param maxChunks pieces that one tensor may be streamed in
 * @param margin share of the score that a split over several devices must promise over the best simpler plan: predictions are not that
 *     sharp, and a simpler plan has less that can go wrong
 * @param effort how much a search simulates, in units that do not depend on how fast this machine is: 1 for a first usable plan, 4 for a
 *     good one in the background, 16 and more for a fine one
 * @param halo rows that bands on several devices see beyond their share, as {@link Horizon#halo}; -1: all they need, exact
 * @param precision at which rows of floats cross links; the fleet that is planned for must count so too, see
 *     {@link dev.tilestream.scheduler.profile.Fleet#halving}
 */
public record PlanOptions(int maxChunks, int effort, double margin, Objective objective, int halo, Precision precision) {
  public static final PlanOptions DEFAULT = new PlanOptions(16, 4, 0.03, Objective.LATENCY, Horizon.UNLIMITED);

  /** Where times are known for sure, as in simulations and replays of logs: every gain counts, chunks may be finer, and there is time. */
  public static final PlanOptions SURE = new PlanOptions(32, 16, 0, Objective.LATENCY, Horizon.UNLIMITED);

  /** Rows cross links as they are. */
  public PlanOptions(int maxChunks, int effort, double margin, Objective objective, int halo) {
    this(maxChunks, effort, margin, objective, halo, Precision.FP32);
  }

  public PlanOptions {
    if (maxChunks < 1) throw new IllegalArgumentException("plan: %d chunks (expected: at least 1)".formatted(maxChunks));
    if (effort < 1) throw new IllegalArgumentException("plan: effort %d (expected: at least 1)".formatted(effort));
    if (!(margin >= 0 && margin < 1)) throw new IllegalArgumentException("plan: margin %s (expected: in [0, 1))".formatted(margin));
    if (halo < Horizon.UNLIMITED)
      throw new IllegalArgumentException("plan: halo %d (expected: at least 0, or -1 for exact)".formatted(halo));
    Objects.requireNonNull(objective, "plan: no objective");
  }

  public PlanOptions withEffort(int other) {
    return new PlanOptions(maxChunks, other, margin, objective, halo, precision);
  }

  public PlanOptions withObjective(Objective other) {
    return new PlanOptions(maxChunks, effort, margin, other, halo, precision);
  }

  public PlanOptions withHalo(int rows) {
    return new PlanOptions(maxChunks, effort, margin, objective, rows, precision);
  }

  public PlanOptions withPrecision(Precision other) {
    return new PlanOptions(maxChunks, effort, margin, objective, halo, other);
  }
}
