package dev.tilestream.scheduler.plan;

/**
 * How far a search may go.
 *
 * @param maxChunks pieces that one tensor may be streamed in
 * @param effort starts that a search refines; more takes longer and may find better
 */
public record PlanOptions(int maxChunks, int effort) {
  public static final PlanOptions DEFAULT = new PlanOptions(16, 4);

  public PlanOptions {
    if (maxChunks < 1) throw new IllegalArgumentException("plan: %d chunks (expected: at least 1)".formatted(maxChunks));
    if (effort < 1) throw new IllegalArgumentException("plan: effort %d (expected: at least 1)".formatted(effort));
  }
}
