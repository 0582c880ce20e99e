package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Horizon;

/** Objectives and halos for people. */
public final class PlanWords {
  private PlanWords() {}

  /** Such as {@code energy, deadline 0.2 s}. */
  public static String of(Objective objective) {
    if (objective instanceof Objective.Energy e) return "energy, deadline %s s".formatted(e.deadlineSeconds());
    if (objective instanceof Objective.Weighted w) return "weighted, %s a second, %s a joule".formatted(w.perSecond(), w.perJoule());
    if (objective instanceof Objective.Throughput t) return "throughput, %d frames under way".formatted(t.frames());
    return "latency";
  }

  /** {@code exact}, or {@code truncated(8)}. */
  public static String halo(int rows) {
    return rows == Horizon.UNLIMITED ? "exact" : "truncated(%d)".formatted(rows);
  }
}
