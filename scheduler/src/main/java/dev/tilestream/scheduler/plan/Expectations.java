package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.plan.PlanTable.Entry;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Predicate;

/** What to expect of each plan of a table at one rate: what it promises, corrected by what was measured of it and of others like it. */
final class Expectations {
  private final PlanTable table;
  private final double factor;
  private final Function<Entry, TrackRecord> records;
  /** Medians of what was measured of plans on the source alone, and of those on several devices; 1 where none was. */
  private final double alone;
  private final double shared;

  Expectations(PlanTable table, double factor, Function<Entry, TrackRecord> records) {
    this.table = table;
    this.factor = factor;
    this.records = records;
    alone = typical(false, record -> record.samples() > 0);
    shared = typical(true, record -> record.samples() > 0);
  }

  private double typical(boolean several, Predicate<TrackRecord> which) {
    double[] ratios = new double[table.entries().size()];
    int n = 0;
    for (Entry e : table.entries()) {
      if (shared(e) != several) continue;
      TrackRecord record = records.apply(e);
      if (which.test(record)) ratios[n++] = record.ratio();
    }
    Arrays.sort(ratios, 0, n);
    return n == 0 ? 1 : ratios[n / 2];
  }

  private static boolean shared(Entry entry) {
    return entry.plan().devices().size() > 1;
  }

  private double ratio(Entry entry) {
    return records.apply(entry).ratio(shared(entry) ? shared : alone);
  }

  double of(Entry entry) {
    return table.score(entry, factor, ratio(entry));
  }

  /** The least that {@code entry} may take if promises are wrong by {@code doubt}; the more was measured of it, the less they can be. */
  double least(Entry entry, double doubt, long now) {
    TrackRecord record = records.apply(entry);
    // Who was slow in a crowd was so with all that is like it.
    if (record.stale(now)) return table.score(entry, factor, typical(shared(entry), r -> r.samples() > 0 && !r.stale(now)) * (1 - doubt));
    return table.score(entry, factor, ratio(entry) * (1 - doubt / (1 + record.samples())));
  }

  /** Of which least is expected; the table has one at least. */
  Entry best() {
    Entry best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Entry e : table.entries()) {
      double expected = of(e);
      if (best == null || expected < least) {
        best = e;
        least = expected;
      }
    }
    return best;
  }
}
