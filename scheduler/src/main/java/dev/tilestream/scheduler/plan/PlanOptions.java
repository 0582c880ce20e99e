package dev.tilestream.scheduler.plan;

/**
 * How far a search may go.
 *
 * @param maxChunks pieces that one tensor may be streamed in
 * @param margin share of latency that a split over several devices must promise over the best simpler plan: predictions are not that
 *     sharp, and a simpler plan has less that can go wrong
 * @param effort starts that a search refines; more takes longer and may find better
 */
public record PlanOptions(int maxChunks, int effort, double margin) {
  public static final PlanOptions DEFAULT = new PlanOptions(16, 4, 0.03);

  public PlanOptions {
    if (maxChunks < 1) throw new IllegalArgumentException("plan: %d chunks (expected: at least 1)".formatted(maxChunks));
    if (effort < 1) throw new IllegalArgumentException("plan: effort %d (expected: at least 1)".formatted(effort));
    if (!(margin >= 0 && margin < 1)) throw new IllegalArgumentException("plan: margin %s (expected: in [0, 1))".formatted(margin));
  }
}
