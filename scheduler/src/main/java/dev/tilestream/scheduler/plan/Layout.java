package dev.tilestream.scheduler.plan;

import java.util.List;

/**
 * A plan in few numbers: segments of consecutive stages, one behind the other. What a search varies.
 */
record Layout(List<Segment> segments) {
  Layout {
    segments = List.copyOf(segments);
    int at = 0;
    for (Segment s : segments) {
      if (s.from() != at) throw new IllegalArgumentException("layout: segment from stage %d (expected: %d)".formatted(s.from(), at));
      at = s.to();
    }
  }

  static Layout of(Segment... segments) {
    return new Layout(List.of(segments));
  }

  /** The same with segment {@code i} taken in other pieces. */
  Layout with(int i, Streaming streaming) {
    return new Layout(java.util.stream.IntStream.range(0, segments.size())
        .mapToObj(k -> k == i ? segments.get(k).with(streaming) : segments.get(k))
        .toList());
  }
}
