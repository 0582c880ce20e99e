package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.plan.PlanTable.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which plan of a table serves. What a plan promises is multiplied with what its inferences were measured to take against their promises
 * ({@link TrackRecord}). The plan in use stays until another promises enough more and it has served for a while, so that a rate at the
 * border of two bands, or noise, makes nothing flap. Plans that could be better than the one in use if their promise is wrong by a
 * usual error are tried, one request in a few, until they have been measured. Deterministic. Not thread-safe.
 */
public final class PlanChoice {
  /**
   * @param gain share of the score that another plan must promise to replace the one in use
   * @param measuredGain likewise when both have been measured
   * @param dwellNanos how long a plan stays in use at least
   * @param doubt usual error of a promise, as a share
   * @param trials inferences after which a plan counts as measured
   * @param tryEvery of so many requests one may try another plan; 0: none does
   */
  public record Rules(double gain, double measuredGain, long dwellNanos, double doubt, int trials, int tryEvery) {
    public Rules {
      if (!(gain >= 0 && gain < 1) || !(measuredGain >= 0 && measuredGain < 1) || !(doubt >= 0 && doubt < 1))
        throw new IllegalArgumentException(
            "choice: gain %s, measured gain %s, doubt %s (expected: in [0, 1))".formatted(gain, measuredGain, doubt));
      if (dwellNanos < 0 || trials < 1 || tryEvery < 0)
        throw new IllegalArgumentException(
            "choice: dwell %d ns, %d trials, one in %d (expected: none negative, a trial)".formatted(dwellNanos, trials, tryEvery));
    }

    /** The same without trials. */
    public Rules untried() {
      return new Rules(gain, measuredGain, dwellNanos, doubt, trials, 0);
    }
  }

  private final Rules rules;
  private final Function<Entry, TrackRecord> records;
  private String current = "";
  private long sinceNanos;
  private long switches;
  private int sinceTrial;

  /** @param records what was measured of a plan; always the same for the same plan */
  public PlanChoice(Rules rules, Function<Entry, TrackRecord> records) {
    this.rules = rules;
    this.records = records;
  }

  /** The plan to use when links are {@code factor} times as fast as the table's; empty when the table is. */
  public Optional<Entry> choose(PlanTable table, double factor, long now) {
    Entry used = table.find(current).orElse(null);
    Typical typical = Typical.of(table, records, now);
    Entry best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Entry e : table.entries()) {
      double expected = expected(table, e, factor, typical);
      if (best == null || expected < least) {
        best = e;
        least = expected;
      }
    }
    if (best == null) return Optional.empty();
    if (used == null) use(best, now, !current.isEmpty());
    else if (best != used && now - sinceNanos >= rules.dwellNanos && least < expected(table, used, factor, typical) * (1 - gain(used, best, now)))
      use(best, now, true);
    else best = used;
    return Optional.of(best);
  }

  private void use(Entry entry, long now, boolean instead) {
    current = entry.hash();
    sinceNanos = now;
    if (instead) switches++;
  }

  private double gain(Entry used, Entry best, long now) {
    return measured(used, now) && measured(best, now) ? rules.measuredGain : rules.gain;
  }

  private boolean measured(Entry entry, long now) {
    return records.apply(entry).samples(now) >= rules.trials;
  }

  /**
   * What the table promises of {@code entry}, corrected by what was measured: of it, or where it did not serve lately, of others like it, so that a
   * plan is not preferred for being unknown.
   */
  public double expected(PlanTable table, Entry entry, double factor, long now) {
    return expected(table, entry, factor, Typical.of(table, records, now));
  }

  private double expected(PlanTable table, Entry entry, double factor, Typical typical) {
    TrackRecord record = records.apply(entry);
    return table.score(entry, factor) * (record.samples(typical.now) == 0 ? typical.ratio(entry) : record.ratio());
  }

  /** Medians of what was measured of plans on the source alone, and of those on several devices; 1 where none was. */
  private record Typical(double alone, double shared, long now) {
    static Typical of(PlanTable table, Function<Entry, TrackRecord> records, long now) {
      return new Typical(median(table, records, false, now), median(table, records, true, now), now);
    }

    private static double median(PlanTable table, Function<Entry, TrackRecord> records, boolean shared, long now) {
      double[] ratios = new double[table.entries().size()];
      int n = 0;
      for (Entry e : table.entries()) {
        TrackRecord record = records.apply(e);
        if (shared(e) == shared && record.samples(now) > 0) ratios[n++] = record.ratio();
      }
      Arrays.sort(ratios, 0, n);
      return n == 0 ? 1 : ratios[n / 2];
    }

    private static boolean shared(Entry entry) {
      return entry.plan().devices().size() > 1;
    }

    double ratio(Entry entry) {
      return shared(entry) ? shared : alone;
    }
  }

  /** Plans that should be tried instead of the one in use, the most promising first; made known so that they can be deployed. */
  public List<Entry> doubtful(PlanTable table, double factor, long now) {
    Entry used = table.find(current).orElse(null);
    if (used == null || rules.tryEvery == 0) return List.of();
    Typical typical = Typical.of(table, records, now);
    double limit = expected(table, used, factor, typical);
    List<Entry> doubtful = new ArrayList<>();
    for (Entry e : table.entries())
      if (e != used && !measured(e, now) && expected(table, e, factor, typical) * (1 - rules.doubt) < limit) doubtful.add(e);
    doubtful.sort(Comparator.comparingDouble(e -> expected(table, e, factor, typical)));
    return doubtful;
  }

  /** Whether this request may try a doubtful plan; counts the requests. */
  public boolean mayTry() {
    if (rules.tryEvery == 0 || ++sinceTrial < rules.tryEvery) return false;
    sinceTrial = 0;
    return true;
  }

  /** What was measured of {@code entry}. */
  public TrackRecord record(Entry entry) {
    return records.apply(entry);
  }

  /** {@link PlanHash} of the plan in use; empty before the first choice. */
  public String current() {
    return current;
  }

  /** How often another plan took over from the one in use. */
  public long switches() {
    return switches;
  }
}
