package dev.tilestream.scheduler;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Courses whose tables are not complete, and whose turn it is: one step at a time, so that planning takes one processor at most. What is
 * ahead of need comes when the source is quiet, or now and then where it never is. Not thread-safe.
 */
final class StepQueue {
  /** A source that has served nothing for so long may plan ahead. */
  static final long QUIET_NANOS = 1_000_000_000L;
  /** One that is never quiet waits so many times as long as the last step ahead took: it takes processors, and memory that is collected. */
  static final long PATIENCE = 30;

  private final Set<Course> waiting = new LinkedHashSet<>();
  private boolean busy;
  private long usedNanos;
  private long aheadNanos;

  StepQueue(long now) {
    usedNanos = now;
    aheadNanos = now + QUIET_NANOS;
  }

  /** It may have something to plan. */
  void add(Course course) {
    waiting.add(course);
  }

  void remove(Course course) {
    waiting.remove(course);
  }

  /** A plan was asked for. */
  void used(long now) {
    usedNanos = now;
  }

  /** The course whose next step should be done now; until it is {@link #done} there is none. */
  Optional<Course> next(long now) {
    waiting.removeIf(c -> c.over() || c.table == null || c.planning || c.agenda.empty(c.factor));
    if (busy) return Optional.empty();
    Optional<Course> next = waiting.stream().filter(c -> !c.agenda.ahead(c.factor)).findFirst();
    if (next.isEmpty() && (quiet(now) || now - aheadNanos >= 0)) next = waiting.stream().findFirst();
    next.ifPresent(course -> {
      waiting.remove(course);
      busy = true;
    });
    return next;
  }

  private boolean quiet(long now) {
    return now - usedNanos >= QUIET_NANOS && waiting.stream().allMatch(c -> c.instance.flights == 0);
  }

  /** @param ahead whether the step that took {@code nanos} was ahead of need */
  void done(boolean ahead, long nanos, long now) {
    busy = false;
    if (ahead) aheadNanos = now + PATIENCE * nanos;
  }
}
