package dev.tilestream.scheduler.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Least cut of a network with capacities between a source and a sink, by augmenting along shortest paths in layers (Dinic 1970). */
final class MinCut {
  private static final double EPSILON = 1e-12;

  private final List<int[]> ends = new ArrayList<>();
  private final List<Double> capacities = new ArrayList<>();
  private int nodes;

  int node() {
    return nodes++;
  }

  void edge(int from, int to, double capacity) {
    if (!(capacity >= 0)) throw new IllegalArgumentException("min cut: capacity %s (expected: not negative)".formatted(capacity));
    ends.add(new int[] {from, to});
    capacities.add(capacity);
  }

  /** For each node whether it is on the source's side of a least cut. */
  boolean[] sourceSide(int source, int sink) {
    Flow flow = new Flow();
    while (flow.layer(source)[sink] >= 0) flow.augment(source, sink);
    boolean[] side = new boolean[nodes];
    for (int v = 0; v < nodes; v++) side[v] = flow.level[v] >= 0;
    return side;
  }

  /** The residual network: edge 2i and its reverse 2i + 1. */
  private final class Flow {
    private final int[] to = new int[2 * ends.size()];
    private final double[] left = new double[to.length];
    private final int[][] edges = new int[nodes][];
    private final int[] next = new int[nodes];
    private int[] level;

    Flow() {
      List<List<Integer>> out = new ArrayList<>();
      for (int v = 0; v < nodes; v++) out.add(new ArrayList<>());
      for (int i = 0; i < ends.size(); i++) {
        to[2 * i] = ends.get(i)[1];
        to[2 * i + 1] = ends.get(i)[0];
        left[2 * i] = capacities.get(i);
        out.get(ends.get(i)[0]).add(2 * i);
        out.get(ends.get(i)[1]).add(2 * i + 1);
      }
      for (int v = 0; v < nodes; v++) edges[v] = out.get(v).stream().mapToInt(e -> e).toArray();
    }

    /** Distance of each node from the source over edges with capacity left; -1 where there is no way. */
    int[] layer(int source) {
      level = new int[nodes];
      Arrays.fill(level, -1);
      level[source] = 0;
      ArrayDeque<Integer> queue = new ArrayDeque<>(List.of(source));
      while (!queue.isEmpty()) {
        int v = queue.poll();
        for (int e : edges[v])
          if (left[e] > EPSILON && level[to[e]] < 0) {
            level[to[e]] = level[v] + 1;
            queue.add(to[e]);
          }
      }
      return level;
    }

    /** Fills the layered network. */
    void augment(int source, int sink) {
      Arrays.fill(next, 0);
      while (push(source, sink, Double.POSITIVE_INFINITY) > 0) continue;
    }

    private double push(int v, int sink, double most) {
      if (v == sink) return most;
      for (; next[v] < edges[v].length; next[v]++) {
        int e = edges[v][next[v]];
        if (left[e] <= EPSILON || level[to[e]] != level[v] + 1) continue;
        double sent = push(to[e], sink, Math.min(most, left[e]));
        if (sent <= 0) continue;
        left[e] -= sent;
        left[e ^ 1] += sent;
        return sent;
      }
      return 0;
    }
  }
}
