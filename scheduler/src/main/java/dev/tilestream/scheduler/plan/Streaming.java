package dev.tilestream.scheduler.plan;

/**
 * How a device takes its part of a segment in pieces, so that it computes while rows are still in the air. The first {@code skip}
 * stages are one tile; the next {@code stages} are cut into {@code groups} of stages and {@code chunks} of rows, one tile for each
 * group and chunk; the rest is one tile. No row is computed twice inside a device.
 *
 * @param down the last rows first
 * @param pull what the last group makes is divided and the groups before make just what that needs; else what the first group makes is
 *     divided and the groups behind make all that this allows
 * @param skew share of the rows that the first c of n chunks make: (c / n) to this power. Above 1 the chunks grow, below they shrink
 */
public record Streaming(int skip, int stages, int groups, int chunks, boolean down, boolean pull, double skew) {
  /** One tile. */
  public static final Streaming NONE = new Streaming(0, 0, 1, 1);

  public Streaming {
    if (skip < 0 || stages < 0 || groups < 1 || chunks < 1 || !(skew > 0 && skew < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException(
          "streaming: skip %d, %d stages, %d groups, %d chunks, skew %s (expected: none negative, a group, a chunk, skew above 0)"
              .formatted(skip, stages, groups, chunks, skew));
  }

  /** The first rows first, pushed, in equal chunks. */
  public Streaming(int skip, int stages, int groups, int chunks) {
    this(skip, stages, groups, chunks, false, false, 1);
  }

  /** The first stages in pieces: for rows that come in. */
  public static Streaming head(int stages, int groups, int chunks) {
    return stages == 0 || chunks == 1 ? NONE : new Streaming(0, stages, groups, chunks);
  }

  /** The last {@code stages} of {@code all} in pieces: for rows that go out. */
  public static Streaming tail(int all, int stages, int groups, int chunks) {
    return stages == 0 || chunks == 1 ? NONE : new Streaming(Math.max(0, all - stages), stages, groups, chunks);
  }

  // As for RowSpan: a record's own ones are slow until they are compiled.
  @Override
  public boolean equals(Object o) {
    return o instanceof Streaming s && skip == s.skip && stages == s.stages && groups == s.groups && chunks == s.chunks && down == s.down
        && pull == s.pull && skew == s.skew;
  }

  @Override
  public int hashCode() {
    int numbers = ((31 * skip + stages) * 31 + groups) * 31 + chunks;
    return (31 * numbers + Double.hashCode(skew)) * 4 + (down ? 2 : 0) + (pull ? 1 : 0);
  }

  boolean none() {
    return chunks == 1 || stages == 0;
  }

  Streaming window(int first, int count) {
    return new Streaming(first, count, Math.min(groups, Math.max(1, count)), chunks, down, pull, skew);
  }

  Streaming grouped(int n) {
    return new Streaming(skip, stages, n, chunks, down, pull, skew);
  }

  Streaming chunked(int n) {
    return n == 1 ? NONE : new Streaming(skip, stages, groups, n, down, pull, skew);
  }

  Streaming downwards(boolean on) {
    return new Streaming(skip, stages, groups, chunks, on, pull, skew);
  }

  Streaming pulled(boolean on) {
    return new Streaming(skip, stages, groups, chunks, down, on, skew);
  }

  Streaming skewed(double power) {
    return new Streaming(skip, stages, groups, chunks, down, pull, power);
  }
}
