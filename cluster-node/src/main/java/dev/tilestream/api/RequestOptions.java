package dev.tilestream.api;

import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.WrittenObjective;
import java.time.Duration;
import java.util.Optional;

/**
 * What a request's {@code parameters} ask for.
 *
 * @param halo rows of halo that devices see beyond their share
 * @param precision at which floats cross links
 * @param wish what its plan is chosen for
 * @param stream requests of one stream are admitted in order; the protocol's {@code sequence_id}
 * @param binaryOutputs whether outputs that say nothing come as binary
 * @param rawOutputs whether outputs come at all, where what they mean is told; empty: as it is usual there
 */
record RequestOptions(
    Optional<Strategy> strategy, Optional<Duration> deadline, Optional<Integer> halo, Optional<Precision> precision,
    Optional<WrittenObjective> wish, boolean timeline, Optional<String> stream, boolean binaryOutputs,
    Optional<Boolean> rawOutputs) {
  static final RequestOptions NONE =
      new RequestOptions(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty(), false,
          Optional.empty());

  private static final int LONGEST_STREAM = 256;

  RequestOptions withStrategy(String word) {
    try {
      return new RequestOptions(Optional.of(Strategy.of(word)), deadline, halo, precision, wish, timeline, stream, binaryOutputs, rawOutputs);
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest("parameters: %s", e.getMessage());
    }
  }

  RequestOptions withDeadline(double milliseconds, Duration longest) {
    // Written so that NaN is refused too.
    if (!(milliseconds > 0 && milliseconds <= longest.toMillis()))
      throw ApiError.badRequest("parameters: deadline_ms: %s (expected: above 0, at most %d)", milliseconds, longest.toMillis());
    Duration asked = Duration.ofNanos(Math.round(milliseconds * 1e6));
    return new RequestOptions(strategy, Optional.of(asked), halo, precision, wish, timeline, stream, binaryOutputs, rawOutputs);
  }

  /** Rounded up to a power of two: every halo has deployments of its own, which clients must not multiply. */
  RequestOptions withHalo(long rows) {
    if (rows < 0 || rows > Horizon.MOST) throw ApiError.badRequest("parameters: halo: %d (expected: 0 to %d rows)", rows, Horizon.MOST);
    int kept = rows == 0 ? 0 : Math.max(1, Integer.highestOneBit((int) (2 * rows - 1)));
    return new RequestOptions(strategy, deadline, Optional.of(kept), precision, wish, timeline, stream, binaryOutputs, rawOutputs);
  }

  RequestOptions withPrecision(String word) {
    try {
      return new RequestOptions(strategy, deadline, halo, Optional.of(Precision.of(word)), wish, timeline, stream, binaryOutputs, rawOutputs);
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest("parameters: %s", e.getMessage());
    }
  }

  RequestOptions withObjective(String text) {
    try {
      return withWish(WrittenObjective.parse(text));
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest("parameters: %s", e.getMessage());
    }
  }

  RequestOptions withWish(WrittenObjective wanted) {
    return new RequestOptions(strategy, deadline, halo, precision, Optional.of(wanted), timeline, stream, binaryOutputs, rawOutputs);
  }

  RequestOptions withTimeline(boolean wanted) {
    return new RequestOptions(strategy, deadline, halo, precision, wish, wanted, stream, binaryOutputs, rawOutputs);
  }

  /** Streams are entities of the cluster, called by their names. */
  RequestOptions withStream(String name) {
    if (name.length() > LONGEST_STREAM)
      throw ApiError.badRequest("parameters: sequence_id: %d characters (expected: at most %d)", name.length(), LONGEST_STREAM);
    Optional<String> named = name.isEmpty() ? Optional.empty() : Optional.of(name);
    return new RequestOptions(strategy, deadline, halo, precision, wish, timeline, named, binaryOutputs, rawOutputs);
  }

  RequestOptions withBinaryOutputs(boolean wanted) {
    return new RequestOptions(strategy, deadline, halo, precision, wish, timeline, stream, wanted, rawOutputs);
  }

  RequestOptions withRawOutputs(String word) {
    if (!word.equals("all") && !word.equals("none")) throw ApiError.badRequest("outputs: %s (expected: all or none)", word);
    return new RequestOptions(
        strategy, deadline, halo, precision, wish, timeline, stream, binaryOutputs, Optional.of(word.equals("all")));
  }

  /** @param modelDeadline of requests that name none */
  Optional<Objective> objective(Optional<Duration> modelDeadline) {
    return wish.map(w -> CoarseObjective.of(w.within(deadline.or(() -> modelDeadline))));
  }
}
