package dev.tilestream.scheduler.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * A plan in few numbers: segments of consecutive stages, one behind the other. What a search varies.
 */
record Layout(List<Segment> segments, Order order) {
  /** What is urgent. */
  enum Order {
    /** Earlier segments first, in one the earlier chunks: each device finishes what others wait for. */
    SEGMENTS,
    /** Earlier chunks first, through all segments: each chunk gets to the end as soon as it can. */
    CHUNKS
  }

  Layout {
    segments = List.copyOf(segments);
    int at = 0;
    for (Segment s : segments) {
      if (s.from() != at) throw new IllegalArgumentException("layout: segment from stage %d (expected: %d)".formatted(s.from(), at));
      at = s.to();
    }
  }

  Layout(List<Segment> segments) {
    this(segments, Order.SEGMENTS);
  }

  static Layout of(Segment... segments) {
    return new Layout(List.of(segments));
  }

  /** The same with segment {@code i} taken in other pieces. */
  Layout with(int i, Streaming streaming) {
    return with(i, segments.get(i).with(streaming));
  }

  /** The same with another segment {@code i} of the same stages. */
  Layout with(int i, Segment segment) {
    List<Segment> changed = new ArrayList<>(segments);
    changed.set(i, segment);
    return new Layout(changed, order);
  }

  /** The same with {@code count} segments from {@code i} on replaced. */
  Layout replacing(int i, int count, Segment... by) {
    List<Segment> changed = new ArrayList<>(segments.subList(0, i));
    changed.addAll(List.of(by));
    changed.addAll(segments.subList(i + count, segments.size()));
    return new Layout(changed, order);
  }

  Layout ordered(Order other) {
    return new Layout(segments, other);
  }
}
