package dev.tilestream.bench;

import dev.tilestream.cli.Quantiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of a stream's requests. Thread-safe while they come in. */
final class StreamTally {
  private static final int OK = 200;

  private final String name;
  private final double askedPerSecond;
  private final List<Double> answeredMillis = new ArrayList<>();
  private final List<Double> refusedMillis = new ArrayList<>();
  private final Map<Integer, Integer> refused = new TreeMap<>();
  private long retryAfterSeconds;
  private int unsent;
  private double seconds = Double.NaN;

  /** @param askedPerSecond NaN: as fast as answers come */
  StreamTally(String name, double askedPerSecond) {
    this.name = name;
    this.askedPerSecond = askedPerSecond;
  }

  /** @param status of HTTP, 0: nothing came */
  synchronized void ended(int status, long retryAfter, double millis) {
    if (status == OK) {
      answeredMillis.add(millis);
      return;
    }
    refusedMillis.add(millis);
    refused.merge(status, 1, Integer::sum);
    retryAfterSeconds = Math.max(retryAfterSeconds, retryAfter);
  }

  /** The client could not even send it. */
  synchronized void unsent() {
    unsent++;
  }

  synchronized void over(Duration time) {
    seconds = time.toNanos() * 1e-9;
  }

  String name() {
    return name;
  }

  double askedPerSecond() {
    return askedPerSecond;
  }

  synchronized double answeredPerSecond() {
    return answeredMillis.size() / seconds;
  }

  /** How long those that were answered took; NaN without any. */
  synchronized double answeredMillis(double share) {
    return quantile(answeredMillis, share);
  }

  /** How long those that were refused waited to hear of it; NaN without any. */
  synchronized double refusedMillis(double share) {
    return quantile(refusedMillis, share);
  }

  private static double quantile(List<Double> values, double share) {
    return values.isEmpty() ? Double.NaN : Quantiles.quantile(values.stream().mapToDouble(v -> v).toArray(), share);
  }

  /** How many had which status instead of an answer; 0: none came at all. */
  synchronized Map<Integer, Integer> refused() {
    return new TreeMap<>(refused);
  }

  /** The longest that a refusal asked to wait. */
  synchronized long retryAfterSeconds() {
    return retryAfterSeconds;
  }

  synchronized int unsentRequests() {
    return unsent;
  }
}
