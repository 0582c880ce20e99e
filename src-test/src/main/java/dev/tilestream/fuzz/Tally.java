package dev.tilestream.fuzz;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a campaign has come to so far. Thread-safe. */
public final class Tally {
  private final String target;
  private final Map<String, Long> outcomes = new TreeMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private Duration longest = Duration.ZERO;
  private long longestSeed;
  private Duration spent = Duration.ZERO;

  Tally(String target) {
    this.target = target;
  }

  synchronized void ended(long seed, String outcome, Duration took) {
    outcomes.merge(outcome, 1L, Long::sum);
    if (took.compareTo(longest) <= 0) return;
    longest = took;
    longestSeed = seed;
  }

  synchronized void found(Finding finding) {
    findings.add(finding);
  }

  synchronized void spent(Duration time) {
    spent = spent.plus(time);
  }

  public String target() {
    return target;
  }

  public synchronized List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** How many cases ended in each way. */
  public synchronized Map<String, Long> outcomes() {
    return Map.copyOf(outcomes);
  }

  public synchronized long cases() {
    return outcomes.values().stream().mapToLong(Long::longValue).sum() + findings.size();
  }

  public synchronized long taken() {
    return outcomes.getOrDefault(Trial.TAKEN, 0L);
  }

  /** The longest that one case took. */
  public synchronized Duration longest() {
    return longest;
  }

  public synchronized long longestSeed() {
    return longestSeed;
  }

  /** How long all of them took, drawing included. */
  public synchronized Duration spent() {
    return spent;
  }

  @Override
  public synchronized String toString() {
    return "%s: %d cases in %.1f s, %d taken, %d findings; the longest took %d ms (seed %d)%n  %s".formatted(
        target, cases(), spent.toMillis() / 1e3, taken(), findings.size(), longest.toMillis(), longestSeed, outcomes);
  }
}
