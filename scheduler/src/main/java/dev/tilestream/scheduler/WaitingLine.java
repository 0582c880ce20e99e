package dev.tilestream.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** Requests that have not begun because enough are under way: first come, first served, so many at most. In the actor's thread. */
final class WaitingLine {
  private final int most;
  private final Deque<Flight> flights = new ArrayDeque<>();

  WaitingLine(int most) {
    this.most = most;
  }

  /** Takes it in, or refuses it as busy. */
  void add(Flight flight) {
    if (flights.size() < most) {
      flights.add(flight);
      return;
    }
    String why = "%d inferences wait (expected: at most %d)".formatted(flights.size() + 1, most);
    flight.refuse(new InferenceFailure(InferenceFailure.Kind.BUSY, why));
  }

  /** The next to begin; null when nobody waits. */
  Flight poll() {
    return flights.poll();
  }

  void fail(Predicate<Flight> which, InferenceFailure why) {
    List<Flight> gone = flights.stream().filter(which).toList();
    flights.removeAll(gone);
    gone.forEach(flight -> flight.refuse(why));
  }

  /** Fails those whose deadline has passed. */
  void expire(long now) {
    fail(flight -> now - flight.deadlineNanos > 0, new InferenceFailure(InferenceFailure.Kind.LATE, "its deadline passed in the queue"));
  }

  boolean isEmpty() {
    return flights.isEmpty();
  }
}
