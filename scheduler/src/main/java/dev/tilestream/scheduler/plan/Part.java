package dev.tilestream.scheduler.plan;

/**
 * What one device does of a segment: it makes the share {@code [from, to)} of the rows of everything the segment hands on.
 *
 * @param own whether it makes what it will itself need behind the segment even beyond its share: halos are then recomputed, otherwise
 *     they come from the neighbour whose share they are
 */
record Part(double from, double to, boolean own, Streaming streaming) {
  /** Nothing. */
  static final Part NONE = new Part(0, 0, false, Streaming.NONE);

  Part {
    if (!(from >= 0 && from <= to && to <= 1))
      throw new IllegalArgumentException("part: share [%s, %s) (expected: 0 <= from <= to <= 1)".formatted(from, to));
  }

  static Part of(double from, double to) {
    return from < to ? new Part(from, to, false, Streaming.NONE) : NONE;
  }

  boolean empty() {
    return from >= to;
  }

  Part sharing(double first, double end) {
    return first < end ? new Part(first, end, own, streaming) : NONE;
  }

  Part with(Streaming other) {
    return new Part(from, to, own, other);
  }

  Part owning(boolean on) {
    return new Part(from, to, on, streaming);
  }
}
