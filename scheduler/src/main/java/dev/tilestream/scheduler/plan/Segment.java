package dev.tilestream.scheduler.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Stages {@code [from, to)}, the rows of everything they hand on shared out by devices. Inside a segment a device recomputes whatever halo
 * it needs.
 *
 * @param parts by device; together their shares cover all rows
 */
record Segment(int from, int to, List<Part> parts) {
  Segment {
    parts = List.copyOf(parts);
    if (from < 0 || to <= from)
      throw new IllegalArgumentException("segment: stages [%d, %d) (expected: 0 <= from < to)".formatted(from, to));
    double so = 0;
    for (boolean further = true; further; ) {
      further = false;
      for (Part p : parts)
        if (p.from() <= so && p.to() > so) {
          so = p.to();
          further = true;
        }
    }
    if (so < 1) throw new IllegalArgumentException("segment: shares %s (expected: all rows covered)".formatted(parts));
  }

  /** All rows on one device. */
  static Segment on(int device, int devices, int from, int to) {
    List<Part> parts = new ArrayList<>(Collections.nCopies(devices, Part.NONE));
    parts.set(device, Part.of(0, 1));
    return new Segment(from, to, parts);
  }

  /** Rows shared out in proportion to {@code weights}, one for each device. */
  static Segment shared(int from, int to, double... weights) {
    return ordered(from, to, IntStream.range(0, weights.length).toArray(), weights);
  }

  /** The same, device {@code order[0]} having the first rows; {@code weights} by device. */
  static Segment ordered(int from, int to, int[] order, double... weights) {
    double sum = 0;
    int last = 0;
    for (int i = 0; i < order.length; i++) {
      sum += weights[order[i]];
      if (weights[order[i]] > 0) last = i;
    }
    List<Part> parts = new ArrayList<>(Collections.nCopies(weights.length, Part.NONE));
    double so = 0;
    double edge = 0;
    for (int i = 0; i <= last; i++) {
      so += weights[order[i]];
      double next = i == last ? 1.0 : Math.min(1, so / sum);
      parts.set(order[i], Part.of(edge, next));
      edge = next;
    }
    return new Segment(from, to, parts);
  }

  /** Every part taken in the same pieces. */
  Segment with(Streaming other) {
    List<Part> changed = new ArrayList<>(parts);
    changed.replaceAll(p -> p.empty() ? p : p.with(other));
    return new Segment(from, to, changed);
  }

  Segment with(int device, Part part) {
    List<Part> changed = new ArrayList<>(parts);
    changed.set(device, part);
    return new Segment(from, to, changed);
  }

  /** The same shares of other stages. */
  Segment spanning(int first, int end) {
    return new Segment(first, end, parts);
  }

  int stages() {
    return to - from;
  }

  int devices() {
    return parts.size();
  }

  Part part(int device) {
    return parts.get(device);
  }

  boolean uses(int device) {
    return !parts.get(device).empty();
  }

  /** Devices that have a share, in the order of their rows, and those that make rows for themselves alone. */
  List<Integer> users() {
    return users(false);
  }

  /** Devices that have a share, in the order of their rows. */
  List<Integer> sharers() {
    return users(true);
  }

  private List<Integer> users(boolean sharing) {
    List<Integer> users = new ArrayList<>();
    for (int d = 0; d < devices(); d++) {
      Part p = part(d);
      if (p.empty() || sharing && !p.shares()) continue;
      int at = users.size();
      while (at > 0 && part(users.get(at - 1)).from() > p.from()) at--;
      users.add(at, d);
    }
    return users;
  }

  /** How many devices make rows. */
  int used() {
    int n = 0;
    for (Part p : parts) if (!p.empty()) n++;
    return n;
  }

  /** How the first device that has a share takes it. */
  Streaming streaming() {
    return part(users().get(0)).streaming();
  }
}
