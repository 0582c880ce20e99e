package dev.tilestream.api;

import dev.tilestream.plan.Strategy;
import java.time.Duration;
import java.util.Optional;

/**
 * What a request's {@code parameters} ask for.
 *
 * @param stream requests of one stream are admitted in order; the protocol's {@code sequence_id}
 * @param binaryOutputs whether outputs that say nothing come as binary
 */
record RequestOptions(
    Optional<Strategy> strategy, Optional<Duration> deadline, boolean timeline, Optional<String> stream, boolean binaryOutputs) {
  static final RequestOptions NONE = new RequestOptions(Optional.empty(), Optional.empty(), false, Optional.empty(), false);

  RequestOptions withStrategy(String word) {
    try {
      return new RequestOptions(Optional.of(Strategy.of(word)), deadline, timeline, stream, binaryOutputs);
    } catch (IllegalArgumentException e) {
      throw ApiError.badRequest("parameters: %s", e.getMessage());
    }
  }

  RequestOptions withDeadline(double milliseconds, Duration longest) {
    // Written so that NaN is refused too.
    if (!(milliseconds > 0 && milliseconds <= longest.toMillis()))
      throw ApiError.badRequest("parameters: deadline_ms: %s (expected: above 0, at most %d)", milliseconds, longest.toMillis());
    return new RequestOptions(strategy, Optional.of(Duration.ofNanos(Math.round(milliseconds * 1e6))), timeline, stream, binaryOutputs);
  }

  RequestOptions withTimeline(boolean wanted) {
    return new RequestOptions(strategy, deadline, wanted, stream, binaryOutputs);
  }

  RequestOptions withStream(String name) {
    return new RequestOptions(strategy, deadline, timeline, name.isEmpty() ? Optional.empty() : Optional.of(name), binaryOutputs);
  }

  RequestOptions withBinaryOutputs(boolean wanted) {
    return new RequestOptions(strategy, deadline, timeline, stream, wanted);
  }
}
