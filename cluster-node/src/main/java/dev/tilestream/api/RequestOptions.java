package dev.tilestream.api;

import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import java.time.Duration;
import java.util.Optional;

/**
 * What a request's {@code parameters} ask for.
 *
 * @param halo rows of halo that devices see beyond their share
 * @param goal what its plan is chosen for
 * @param stream requests of one stream are admitted in order; the protocol's {@code sequence_id}
 * @param binaryOutputs whether outputs that say nothing come as binary
 */
record RequestOptions(
    Optional<Strategy> strategy, Optional<Duration> deadline, Optional<Integer> halo, Optional<Goal> goal, boolean timeline,
    Optional<String> stream, boolean binaryOutputs) {
  static final RequestOptions NONE =
      new RequestOptions(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty(), false);

  /** Frames in flight that plans for throughput count on. */
  private static final int FRAMES = 4;
  private static final double DEFAULT_ENERGY_DEADLINE_SECONDS = 1;
  private static final double[] STEPS = {5, 2, 1};

  /** What users write. */
  enum Goal {
    LATENCY,
    ENERGY,
    THROUGHPUT
  }

  RequestOptions withStrategy(String word) {
    try {
      return new RequestOptions(Optional.of(Strategy.of(word)), deadline, halo, goal, timeline, stream, binaryOutputs);
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest("parameters: %s", e.getMessage());
    }
  }

  RequestOptions withDeadline(double milliseconds, Duration longest) {
    // Written so that NaN is refused too.
    if (!(milliseconds > 0 && milliseconds <= longest.toMillis()))
      throw ApiError.badRequest("parameters: deadline_ms: %s (expected: above 0, at most %d)", milliseconds, longest.toMillis());
    Duration asked = Duration.ofNanos(Math.round(milliseconds * 1e6));
    return new RequestOptions(strategy, Optional.of(asked), halo, goal, timeline, stream, binaryOutputs);
  }

  /** Rounded up to a power of two: every halo has deployments of its own, which clients must not multiply. */
  RequestOptions withHalo(long rows) {
    if (rows < 0 || rows > Horizon.MOST) throw ApiError.badRequest("parameters: halo: %d (expected: 0 to %d rows)", rows, Horizon.MOST);
    int kept = rows == 0 ? 0 : Math.max(1, Integer.highestOneBit((int) (2 * rows - 1)));
    return new RequestOptions(strategy, deadline, Optional.of(kept), goal, timeline, stream, binaryOutputs);
  }

  RequestOptions withObjective(String word) {
    for (Goal g : Goal.values())
      if (g.name().toLowerCase(java.util.Locale.ROOT).equals(word))
        return new RequestOptions(strategy, deadline, halo, Optional.of(g), timeline, stream, binaryOutputs);
    throw ApiError.badRequest("parameters: objective: %s (expected: latency, energy or throughput)", word);
  }

  RequestOptions withTimeline(boolean wanted) {
    return new RequestOptions(strategy, deadline, halo, goal, wanted, stream, binaryOutputs);
  }

  RequestOptions withStream(String name) {
    Optional<String> named = name.isEmpty() ? Optional.empty() : Optional.of(name);
    return new RequestOptions(strategy, deadline, halo, goal, timeline, named, binaryOutputs);
  }

  RequestOptions withBinaryOutputs(boolean wanted) {
    return new RequestOptions(strategy, deadline, halo, goal, timeline, stream, wanted);
  }

  /**
   * Energy is saved as far as the deadline allows, rounded down to 1, 2 or 5 times a power of ten, so that the plans that clients can ask
   * for are few.
   */
  Optional<Objective> objective() {
    return goal.map(g -> switch (g) {
      case LATENCY -> Objective.LATENCY;
      case ENERGY -> new Objective.Energy(
          roundedDown(deadline.map(d -> d.toNanos() * 1e-9).orElse(DEFAULT_ENERGY_DEADLINE_SECONDS)));
      case THROUGHPUT -> new Objective.Throughput(FRAMES);
    });
  }

  private static double roundedDown(double seconds) {
    double power = Math.pow(10, Math.floor(Math.log10(seconds) + 1e-9));
    for (double step : STEPS) if (step * power <= seconds * (1 + 1e-9)) return step * power;
    return power;
  }
}
