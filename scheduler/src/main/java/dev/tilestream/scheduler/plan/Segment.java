package dev.tilestream.scheduler.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Stages {@code [from, to)}, their rows shared out by devices: device d makes the share {@code [edges[d], edges[d + 1])} of the rows of
 * everything the segment hands on, and recomputes whatever halo it needs inside the segment.
 *
 * @param edges 0 = edges[0] <= ... <= edges[devices] = 1
 */
public record Segment(int from, int to, List<Double> edges, Streaming streaming) {
  public Segment {
    edges = List.copyOf(edges);
    if (from < 0 || to <= from)
      throw new IllegalArgumentException("segment: stages [%d, %d) (expected: 0 <= from < to)".formatted(from, to));
    boolean ordered = edges.size() > 1 && edges.get(0) == 0 && edges.get(edges.size() - 1) == 1;
    for (int i = 1; ordered && i < edges.size(); i++) ordered = edges.get(i) >= edges.get(i - 1);
    if (!ordered) throw new IllegalArgumentException("segment: edges %s (expected: from 0, ascending, to 1)".formatted(edges));
  }

  /** All rows on one device. */
  public static Segment on(int device, int devices, int from, int to) {
    List<Double> edges = new ArrayList<>(Collections.nCopies(device + 1, 0.0));
    edges.addAll(Collections.nCopies(devices - device, 1.0));
    return new Segment(from, to, edges, Streaming.NONE);
  }

  /** Rows shared out in proportion to {@code weights}, one for each device. */
  public static Segment shared(int from, int to, double... weights) {
    double sum = 0;
    int last = 0;
    for (int d = 0; d < weights.length; d++) {
      sum += weights[d];
      if (weights[d] > 0) last = d;
    }
    List<Double> edges = new ArrayList<>(List.of(0.0));
    double so = 0;
    for (int d = 0; d < weights.length; d++) {
      so += weights[d];
      edges.add(d >= last ? 1.0 : Math.min(1, so / sum));
    }
    return new Segment(from, to, edges, Streaming.NONE);
  }

  public Segment with(Streaming other) {
    return new Segment(from, to, edges, other);
  }

  /** The same shares of other stages. */
  public Segment spanning(int first, int end) {
    return new Segment(first, end, edges, streaming);
  }

  public int stages() {
    return to - from;
  }

  public int devices() {
    return edges.size() - 1;
  }

  public boolean uses(int device) {
    return edges.get(device) < edges.get(device + 1);
  }

  /** How many devices have a share. */
  public int used() {
    int n = 0;
    for (int d = 0; d < devices(); d++) if (uses(d)) n++;
    return n;
  }
}
