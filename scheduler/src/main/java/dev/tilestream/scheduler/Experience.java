package dev.tilestream.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What inferences took against what their plans promised. The air that one met is known only when it has passed, so each waits for a while:
 * a latency between what its plan promised for the rates before and for those after is as promised. Without, a plan that met an air going
 * down would be thought slow for any air, and those that use none would win. Not thread-safe.
 */
final class Experience {
  /** Links have told by then what they measured, and it is believed. */
  private static final long AFTERWARDS_NANOS = 600_000_000;
  /** More than a source ends in that time; the oldest go without an afterwards. */
  private static final int MOST = 64;

  private record Measured(Course course, Slot slot, double seconds, double promised, long nanos) {}

  private final Deque<Measured> waiting = new ArrayDeque<>();
  private final long silenceNanos;

  /** @param silenceNanos see {@link dev.tilestream.scheduler.plan.TrackRecord} */
  Experience(long silenceNanos) {
    this.silenceNanos = silenceNanos;
  }

  /** An undisturbed inference of {@code course} on {@code slot} took {@code seconds} where {@code promised} were. */
  void add(Course course, Slot slot, double seconds, double promised, long now) {
    waiting.add(new Measured(course, slot, seconds, promised, now));
    if (waiting.size() > MOST) conclude(waiting.remove());
  }

  /** To be called now and then. */
  void tick(long now) {
    while (!waiting.isEmpty() && now - waiting.peek().nanos >= AFTERWARDS_NANOS) conclude(waiting.remove());
  }

  private void conclude(Measured m) {
    double after = m.course.promisedSeconds(m.slot);
    m.slot.instance.record(m.slot.hash(), silenceNanos).add(m.seconds, met(m.seconds, m.promised, after), m.nanos);
  }

  /** What was promised for the air that was met: of all between {@code before} and {@code after}, what is nearest to what it took. */
  static double met(double seconds, double before, double after) {
    return Math.max(Math.min(before, after), Math.min(Math.max(before, after), seconds));
  }
}
