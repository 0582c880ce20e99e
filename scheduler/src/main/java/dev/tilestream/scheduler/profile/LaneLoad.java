package dev.tilestream.scheduler.profile;

import dev.tilestream.tensor.InferenceId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How busy a compute lane is, from what ran on it: utilisation, and how long tiles waited while it computed other inferences. Over a
 * sliding window. Not thread-safe.
 */
public final class LaneLoad {
  private static final int KEPT = 4096;

  private final String device;
  private final int threads;
  private final long windowNanos;
  /** By the order in which they ended. */
  private final ArrayDeque<Ran> runs = new ArrayDeque<>();

  private record Ran(InferenceId inference, long queued, long start, long end, long waitedForOthers) {}

  /**
   * @param threads of the lane
   * @param windowNanos what is older does not count
   */
  public LaneLoad(String device, int threads, long windowNanos) {
    this.device = device;
    this.threads = threads;
    this.windowNanos = windowNanos;
  }

  /** A tile ran; told in the order in which they ended. All instants by one clock. */
  public void ran(InferenceId inference, long queuedNanos, long startNanos, long endNanos) {
    long others = 0;
    for (Iterator<Ran> i = runs.descendingIterator(); i.hasNext(); ) {
      Ran other = i.next();
      if (other.end - queuedNanos <= 0) break;
      if (!other.inference.equals(inference)) others += overlap(queuedNanos, startNanos, other.start, other.end);
    }
    // Threads that compute side by side keep a tile waiting together, not one after the other.
    long waited = Math.min(startNanos - queuedNanos, others / threads);
    if (runs.size() == KEPT) runs.removeFirst();
    runs.addLast(new Ran(inference, queuedNanos, startNanos, endNanos, waited));
  }

  private static long overlap(long from, long to, long otherFrom, long otherTo) {
    long start = otherFrom - from > 0 ? otherFrom : from;
    long end = otherTo - to < 0 ? otherTo : to;
    return Math.max(0, end - start);
  }

  /** Of the window that ends at {@code nowNanos}. */
  public DeviceLoad at(long nowNanos) {
    long since = nowNanos - windowNanos;
    while (!runs.isEmpty() && runs.peekFirst().end - since <= 0) runs.removeFirst();
    if (runs.isEmpty()) return DeviceLoad.idle(device);
    double all = windowNanos * (double) threads;
    double busy = 0;
    double waited = 0;
    double sum = 0;
    double squares = 0;
    Map<Long, Double> bySource = new HashMap<>();
    for (Ran run : runs) {
      double used = overlap(since, nowNanos, run.start, run.end) / all;
      busy += used;
      bySource.merge(run.inference.source(), used, Double::sum);
      waited += run.waitedForOthers * 1e-9;
      double seconds = (run.end - run.start) * 1e-9;
      sum += seconds;
      squares += seconds * seconds;
    }
    double mean = sum / runs.size();
    double variance = Math.max(0, squares / runs.size() - mean * mean);
    double variation = mean > 0 ? Math.sqrt(variance) / mean : 0;
    return new DeviceLoad(device, waited / runs.size(), Math.min(1, busy), mean, variation, busiest(bySource));
  }

  private static Map<Long, Double> busiest(Map<Long, Double> bySource) {
    return bySource.entrySet().stream()
        .sorted(Map.Entry.<Long, Double>comparingByValue(Comparator.reverseOrder()))
        .limit(DeviceLoad.MOST_SOURCES)
        .collect(Collectors.toMap(Map.Entry::getKey, e -> Math.min(1, e.getValue())));
  }
}
