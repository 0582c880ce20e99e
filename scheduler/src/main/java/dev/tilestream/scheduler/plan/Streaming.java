package dev.tilestream.scheduler.plan;

/**
 * How a device takes its part of a segment in pieces, so that it computes while rows are still in the air. The first {@code skip}
 * stages are one tile; the next {@code stages} are cut into {@code groups} of stages and {@code chunks} of rows, one tile for each
 * group and chunk; the rest is one tile. A chunk of a group makes just the rows that the chunks so far of the group before allow, so
 * nothing is computed twice inside a device.
 */
public record Streaming(int skip, int stages, int groups, int chunks) {
  /** One tile. */
  public static final Streaming NONE = new Streaming(0, 0, 1, 1);

  public Streaming {
    if (skip < 0 || stages < 0 || groups < 1 || chunks < 1)
      throw new IllegalArgumentException(
          "streaming: skip %d, %d stages, %d groups, %d chunks (expected: none negative, a group, a chunk)"
              .formatted(skip, stages, groups, chunks));
  }

  /** The first stages in pieces: for rows that come in. */
  public static Streaming head(int stages, int groups, int chunks) {
    return stages == 0 || chunks == 1 ? NONE : new Streaming(0, stages, groups, chunks);
  }

  /** The last {@code stages} of {@code all} in pieces: for rows that go out. */
  public static Streaming tail(int all, int stages, int groups, int chunks) {
    return stages == 0 || chunks == 1 ? NONE : new Streaming(Math.max(0, all - stages), stages, groups, chunks);
  }
}
