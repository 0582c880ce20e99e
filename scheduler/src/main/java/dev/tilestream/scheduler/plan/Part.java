package dev.tilestream.scheduler.plan;

/**
 * What one device does of a segment: it makes the share {@code [from, to)} of the rows of everything the segment hands on.
 *
 * @param own how far beyond its share, as a share of a tensor's rows, it makes what it will itself need behind the segment: halos up to that
 *     are recomputed, wider ones come from the neighbour whose share they are. 0: all are exchanged; 1: all are recomputed
 * @param least bytes of the tensors, whole, that it makes beyond its share: smaller ones, the narrow places of a network, come over
 */
record Part(double from, double to, double own, long least, Streaming streaming) {
  /** Nothing. */
  static final Part NONE = new Part(0, 0, 0, 0, Streaming.NONE);

  Part {
    if (!(from >= 0 && from <= to && to <= 1))
      throw new IllegalArgumentException("part: share [%s, %s) (expected: 0 <= from <= to <= 1)".formatted(from, to));
    if (!(own >= 0 && own <= 1)) throw new IllegalArgumentException("part: own %s (expected: in [0, 1])".formatted(own));
  }

  static Part of(double from, double to) {
    return from < to ? new Part(from, to, 0, 0, Streaming.NONE) : NONE;
  }

  // As for RowSpan: a record's own ones are slow until they are compiled.
  @Override
  public boolean equals(Object o) {
    return o instanceof Part p && Double.compare(from, p.from) == 0 && Double.compare(to, p.to) == 0 && Double.compare(own, p.own) == 0
        && least == p.least && streaming.equals(p.streaming);
  }

  @Override
  public int hashCode() {
    int share = 31 * Double.hashCode(from) + Double.hashCode(to);
    return ((31 * share + Double.hashCode(own)) * 31 + Long.hashCode(least)) * 31 + streaming.hashCode();
  }

  boolean empty() {
    return from >= to && own == 0;
  }

  /** Whether it makes rows for others, too. */
  boolean shares() {
    return from < to;
  }

  Part sharing(double first, double end) {
    return first < end ? new Part(first, end, own, least, streaming) : NONE;
  }

  Part with(Streaming other) {
    return new Part(from, to, own, least, other);
  }

  Part owning(double reach, long bytes) {
    return new Part(from, to, reach, bytes, streaming);
  }
}
