package dev.tilestream.fault;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.tile.RateTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * When an emulated air fails, once in each of equal periods, at a random moment of it; begins again when all have been. Immutable.
 *
 * @param windows in the order of time, one a period
 * @param periodSeconds of them
 */
record Outages(FaultKind kind, List<Window> windows, double periodSeconds) {
  private static final int COUNT = 128;
  /** In which nothing fails, at least, so that the fleet is whole again. */
  private static final double CALM_SECONDS = 6;
  private static final double MOST_JITTER_SECONDS = 4;

  /**
   * @param node its place among {@link Ground#NAMES}
   * @param sourceSilent of a blackhole: whether it is the source that is not heard
   */
  record Window(double fromSecond, int node, boolean sourceSilent) {}

  Outages {
    windows = List.copyOf(windows);
  }

  static Outages of(FaultKind kind, long seed) {
    Random random = new Random(seed);
    double period = seconds(kind) + CALM_SECONDS + MOST_JITTER_SECONDS;
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < COUNT; i++)
      windows.add(new Window(
          i * period + CALM_SECONDS + random.nextDouble() * MOST_JITTER_SECONDS, 1 + random.nextInt(Ground.NAMES.size() - 1), random.nextBoolean()));
    return new Outages(kind, windows, period);
  }

  private static double seconds(FaultKind kind) {
    return kind.length().toNanos() / 1e9;
  }

  /** What a node's sends meet: a steady rate, and nothing while it is not heard. */
  RateTrace trace(int node, LinkRate rate) {
    List<double[]> changes = new ArrayList<>();
    changes.add(new double[] {0, rate.bytesPerSecond()});
    for (Window w : windows)
      if (silent(node, w)) {
        changes.add(new double[] {w.fromSecond, 0});
        changes.add(new double[] {w.fromSecond + seconds(kind), rate.bytesPerSecond()});
      }
    // The last instant only says how long what precedes it lasts, and as long again.
    double end = windows.size() * periodSeconds;
    double last = changes.get(changes.size() - 1)[0];
    changes.add(new double[] {last + (end - last) / 2, rate.bytesPerSecond()});
    return RateTrace.of(changes.stream().mapToDouble(c -> c[0]).toArray(), changes.stream().mapToDouble(c -> c[1]).toArray());
  }

  private boolean silent(int node, Window window) {
    return switch (kind) {
      case PARTITION, SPLIT -> true;
      case BLACKHOLE, MUTE -> node == (window.sourceSilent ? 0 : window.node);
      default -> node == window.node;
    };
  }

  /** The first that begins behind {@code second}, of this round or the next. */
  Window after(double second) {
    double round = windows.size() * periodSeconds;
    double begin = Math.floor(second / round) * round;
    for (Window w : windows) if (begin + w.fromSecond > second) return new Window(begin + w.fromSecond, w.node, w.sourceSilent);
    Window first = windows.get(0);
    return new Window(begin + round + first.fromSecond, first.node, first.sourceSilent);
  }
}
