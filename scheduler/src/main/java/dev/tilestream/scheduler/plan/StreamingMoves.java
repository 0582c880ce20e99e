package dev.tilestream.scheduler.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Other ways to take a part in pieces. */
final class StreamingMoves {
  private static final int[] LADDER = {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
  private static final int[] GROUPS = {1, 2, 3, 4, 6, 8, 12, 16, 24};
  private static final double[] SKEWS = {0.6, 0.8, 1, 1.25, 1.6};

  private final int[] chunks;

  StreamingMoves(int maxChunks) {
    chunks = Arrays.stream(LADDER).filter(c -> c <= maxChunks).toArray();
  }

  /** For each part of segment {@code i}, one group for each number. */
  void groups(Layout layout, int i, List<Supplier<List<Layout>>> groups) {
    if (chunks.length == 0) return;
    Segment s = layout.segments().get(i);
    for (int d : s.users()) {
      Streaming now = s.part(d).streaming();
      for (List<Streaming> options : now.none() ? List.of(fresh(s.stages())) : varied(now, s.stages()))
        groups.add(() -> options.stream().map(o -> layout.with(i, s.with(d, s.part(d).with(o)))).toList());
    }
  }

  /** All streamed parts in as many chunks. */
  void alike(Layout layout, List<Supplier<List<Layout>>> groups) {
    groups.add(() -> {
      List<Layout> options = new ArrayList<>();
      for (int n : chunks) {
        Layout all = everywhere(layout, s -> s.none() ? s : s.chunked(n));
        if (!all.equals(layout)) options.add(all);
      }
      return options;
    });
    groups.add(() -> List.of(everywhere(layout, s -> s.none() ? s : s.downwards(!s.down()))));
  }

  private static Layout everywhere(Layout layout, UnaryOperator<Streaming> change) {
    Layout all = layout;
    for (int i = 0; i < layout.segments().size(); i++) {
      Segment s = layout.segments().get(i);
      for (int d : s.users()) s = s.with(d, s.part(d).with(change.apply(s.part(d).streaming())));
      all = all.with(i, s);
    }
    return all;
  }

  /** Ways to begin with. */
  private List<Streaming> fresh(int stages) {
    List<Streaming> options = new ArrayList<>();
    int half = Math.max(1, stages / 2);
    int quarter = Math.max(1, stages / 4);
    int[][] windows = {{0, stages}, {0, half}, {stages - half, half}, {0, quarter}, {stages - quarter, quarter}, {0, 1}, {stages - 1, 1}};
    for (int[] w : windows)
      for (int n : new int[] {chunks[Math.min(1, chunks.length - 1)], chunks[Math.min(4, chunks.length - 1)]})
        for (int g : new int[] {1, 2, 4}) {
          if (g > w[1]) continue;
          Streaming s = new Streaming(w[0], w[1], g, n, false, true, 1);
          if (!options.contains(s)) options.add(s);
        }
    return options;
  }

  private List<List<Streaming>> varied(Streaming s, int stages) {
    List<Streaming> sizes = new ArrayList<>(List.of(Streaming.NONE));
    for (int n : chunks) if (n != s.chunks() && n <= 3 * s.chunks() && 3 * n >= s.chunks()) sizes.add(s.chunked(n));
    List<Streaming> groups = new ArrayList<>();
    for (int g : GROUPS) if (g != s.groups() && g <= s.stages() && g <= 3 * s.groups() && 3 * g >= s.groups()) groups.add(s.grouped(g));
    List<Streaming> windows = new ArrayList<>();
    int step = Math.max(1, s.stages() / 4);
    window(s, s.skip(), s.stages() + step, stages, windows);
    window(s, s.skip(), s.stages() - step, stages, windows);
    window(s, s.skip() - step, s.stages() + step, stages, windows);
    window(s, s.skip() + step, s.stages() - step, stages, windows);
    window(s, 0, stages, stages, windows);
    List<Streaming> ways = new ArrayList<>(List.of(s.pulled(!s.pull()), s.downwards(!s.down()), s.pulled(!s.pull()).downwards(!s.down())));
    for (double skew : SKEWS) if (skew != s.skew()) ways.add(s.skewed(skew));
    return List.of(sizes, groups, windows, ways);
  }

  private static void window(Streaming s, int skip, int count, int stages, List<Streaming> into) {
    int first = Math.max(0, skip);
    int n = Math.min(count, stages - first);
    if (n < 1) return;
    Streaming other = s.window(first, n);
    if (!other.equals(s) && !into.contains(other)) into.add(other);
  }
}
