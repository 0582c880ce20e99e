package dev.tilestream.scheduler;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who waits at a source, who is next, and who is refused at once: because too many wait, or because the answer would come too late. Belongs
 * to the scheduler actor's thread.
 */
final class Admission {
  /** One in so many that seem hopeless begins all the same: promises are corrected by what inferences take. */
  private static final int TRY_EVERY = 16;

  private static final Duration LONGEST = Duration.ofDays(1);

  private final SchedulerSettings settings;
  private final WaitingLine<Flight> line;
  private final AnswerPace pace = new AnswerPace();
  private long hopeless;

  Admission(SchedulerSettings settings) {
    this.settings = settings;
    line = new WaitingLine<>(settings.maxQueued());
  }

  /** How long a request may take. */
  long lifeNanos(LoadedModel model, InferenceRequest request) {
    Duration asked = request.deadline().or(model::deadline).orElse(settings.defaultDeadline());
    return (asked.compareTo(LONGEST) < 0 ? asked : LONGEST).toNanos();
  }

  /** Has it wait, or refuses it. */
  void queue(Flight flight, int underWay, long now) {
    int before = line.ahead(flight.stream()) + underWay;
    Duration expected = pace.toServe(before + 1);
    Duration left = Duration.ofNanos(flight.deadlineNanos - now);
    if (expected.compareTo(left) > 0) {
      String why = "%d inferences are before it, the answer would be there in %d ms (expected: within %d ms)"
          .formatted(before, expected.toMillis(), left.toMillis());
      flight.refuse(InferenceFailure.busy(why, expected.minus(left)));
    } else if (!line.offer(flight.stream(), flight)) {
      int waiting = line.waiting(flight.stream());
      String why = "%d inferences of this stream wait (expected: at most %d, beside %d of others)"
          .formatted(waiting + 1, waiting, line.size() - waiting);
      flight.refuse(InferenceFailure.busy(why, pace.toServe(before)));
    }
  }

  boolean empty() {
    return line.size() == 0;
  }

  /** Who begins next; null when nobody waits. */
  Flight next() {
    return line.poll();
  }

  /** Fails those whose deadline has passed. */
  void expire(long now) {
    fail(flight -> now - flight.deadlineNanos > 0, new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed in the queue"));
  }

  /** Fails those of the waiting that are meant. */
  void fail(Predicate<Flight> which, InferenceFailure why) {
    line.remove(which).forEach(flight -> flight.refuse(why));
  }

  void begun(Flight flight) {
    line.begun(flight.stream());
  }

  void ended(Flight flight) {
    line.ended(flight.stream());
  }

  /** What it is to be told, when what its plan promises leaves no hope that it is answered in time; nothing was computed for it yet. */
  Optional<InferenceFailure> hopeless(Flight flight, long now) {
    double left = (flight.deadlineNanos - now) * 1e-9;
    boolean late = left <= 0 || flight.promisedSeconds * settings.hopeless() > left;
    if (!late || left > 0 && ++hopeless % TRY_EVERY == 0) return Optional.empty();
    String why = "its plan promises %d ms (expected: within the %d ms that are left)"
        .formatted(Math.round(flight.promisedSeconds * 1e3), Math.max(0, (long) (left * 1e3)));
    return Optional.of(new InferenceFailure(InferenceFailure.Kind.LATE, why));
  }

  /** How quickly those that are launched are answered. */
  AnswerPace pace() {
    return pace;
  }
}
