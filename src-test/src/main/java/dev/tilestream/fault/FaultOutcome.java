package dev.tilestream.fault;

import dev.tilestream.cli.Quantiles;
import java.time.Duration;
import java.util.List;

/**
 * What faults of one kind did to requests. Latencies are ratios to the source's own, and those of right answers.
 *
 * @param ground where they happened
 * @param times how many there were
 * @param hits of them, those whose victim computed for the source
 * @param kept of them, those after which the victim was a member as before
 * @param requests all that were asked while faults happened, the calm between them too
 * @param why of some that were lost or wrong
 * @param calm without faults
 * @param struck of requests that were under way when a fault began
 * @param touched of requests that were under way at any time of a fault
 * @param beyond how many of all requests took longer than the bound
 * @param worstMillis of all
 */
public record FaultOutcome(
    FaultKind kind, String ground, Yardstick yardstick, int times, int hits, int kept, int requests, int lost, int wrong, List<String> why,
    Latencies calm, Latencies struck, Latencies touched, int beyond, double worstMillis) {
  private static final int MOST_REASONS = 5;

  /**
   * What answers are held against.
   *
   * @param localMillis the source's own latency under the same load, median
   * @param margin for finding out that a peer is lost
   */
  public record Yardstick(double localMillis, Duration margin) {
    public double boundMillis() {
      return localMillis + margin.toNanos() / 1e6;
    }
  }

  /** Ratios to the source's own latency; not numbers where there were no answers. */
  public record Latencies(int count, double median, double p95, double p99, double max) {
    public static Latencies of(List<Asked> asked, double localMillis) {
      double[] ratios = asked.stream().filter(a -> a.outcome() == Asked.Outcome.RIGHT).mapToDouble(a -> a.millis() / localMillis).toArray();
      if (ratios.length == 0) return new Latencies(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
      return new Latencies(
          ratios.length, Quantiles.median(ratios), Quantiles.quantile(ratios, 0.95), Quantiles.quantile(ratios, 0.99), Quantiles.quantile(ratios, 1));
    }
  }

  public FaultOutcome {
    why = List.copyOf(why);
  }

  /** No request lost, none wrong, and nobody put out who was only silent. */
  public boolean good() {
    return lost == 0 && wrong == 0 && (kind.mayRemove() || kept == times);
  }

  /** @param asked all, from before the first fault until after the last */
  static FaultOutcome of(FaultKind kind, String ground, Yardstick yardstick, List<Asked> calm, List<Asked> asked, List<Inflicted> faults) {
    long first = faults.stream().mapToLong(Inflicted::fromNanos).min().orElseThrow();
    List<Asked> during = asked.stream().filter(a -> a.toNanos() - first >= 0).toList();
    List<Asked> struck = during.stream().filter(a -> faults.stream().anyMatch(f -> a.overlaps(f.fromNanos(), f.fromNanos()))).toList();
    List<Asked> touched = during.stream().filter(a -> faults.stream().anyMatch(f -> a.overlaps(f.fromNanos(), f.toNanos()))).toList();
    double local = yardstick.localMillis;
    return new FaultOutcome(
        kind, ground, yardstick, faults.size(),
        (int) faults.stream().filter(Inflicted::hit).count(), (int) faults.stream().filter(Inflicted::kept).count(),
        during.size(), count(during, Asked.Outcome.LOST), count(during, Asked.Outcome.WRONG),
        during.stream().filter(a -> a.outcome() != Asked.Outcome.RIGHT).map(Asked::why).distinct().limit(MOST_REASONS).toList(),
        Latencies.of(calm, local), Latencies.of(struck, local), Latencies.of(touched, local),
        (int) during.stream().filter(a -> a.millis() > yardstick.boundMillis()).count(),
        during.stream().mapToDouble(Asked::millis).max().orElse(Double.NaN));
  }

  private static int count(List<Asked> asked, Asked.Outcome outcome) {
    return (int) asked.stream().filter(a -> a.outcome() == outcome).count();
  }
}
