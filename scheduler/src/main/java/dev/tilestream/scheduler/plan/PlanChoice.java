package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.plan.PlanTable.Entry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Which plan of a table serves. What a plan promises is multiplied with what its inferences were measured to take against their promises
 * ({@link TrackRecord}). The plan in use stays until another promises enough more and it has served for a while, so that a rate at the
 * border of two bands, or noise, makes nothing flap. Plans that could be better than the one in use if their promise is wrong by a usual
 * error are tried: few of them, in a few requests, and one that turned out to be slow not again until something drifts
 * or a long time has passed. Deterministic. Not
 * thread-safe.
 */
public final class PlanChoice {
  /** Trials of a rate that may follow each other quickly, so that the best plan is found soon, and after how many requests each. */
  private static final int EAGER = 4;

  private static final int EAGER_EVERY = 2;
  /** Share of bytes, joules and seconds by which plans may differ that do the same. */
  private static final double ALIKE = 0.02;
  /** What the plan in use must have been measured before another is tried against it. */
  private static final int BASE = 2;

  /**
   * @param gain share of the score that another plan must promise to replace the one in use
   * @param measuredGain likewise when both have been measured
   * @param dwellNanos how long a plan stays in use at least
   * @param doubt usual error of a promise, as a share
   * @param trials inferences after which a plan counts as measured
   * @param tryEvery of so many requests one may try another plan, but for the first few; 0: none does
   * @param plansTried at one rate
   */
  public record Rules(double gain, double measuredGain, long dwellNanos, double doubt, int trials, int tryEvery, int plansTried) {
    public Rules {
      if (!(gain >= 0 && gain < 1) || !(measuredGain >= 0 && measuredGain < 1) || !(doubt >= 0 && doubt < 1))
        throw new IllegalArgumentException(
            "choice: gain %s, measured gain %s, doubt %s (expected: in [0, 1))".formatted(gain, measuredGain, doubt));
      if (dwellNanos < 0 || trials < 1 || tryEvery < 0 || plansTried < 0)
        throw new IllegalArgumentException(
            "choice: dwell %d ns, %d trials, one in %d, of %d plans (expected: none negative, a trial)"
                .formatted(dwellNanos, trials, tryEvery, plansTried));
    }

    /** The same without trials. */
    public Rules untried() {
      return new Rules(gain, measuredGain, dwellNanos, doubt, trials, 0, plansTried);
    }
  }

  private final Rules rules;
  private final Function<Entry, TrackRecord> records;
  private String current = "";
  private long sinceNanos;
  private long switches;
  /** Trials since something drifted: of each plan, and of each cell's requests. */
  private final Map<String, Integer> tried = new HashMap<>();
  private final Map<Integer, CellTrials> cells = new HashMap<>();

  /** What was tried at one rate. */
  private static final class CellTrials {
    private final List<String> plans = new ArrayList<>();
    private int count;
    private int since;
  }

  /** @param records what was measured of a plan; always the same for the same plan */
  public PlanChoice(Rules rules, Function<Entry, TrackRecord> records) {
    this.rules = rules;
    this.records = records;
  }

  /** The plan to use when links are {@code factor} times as fast as the table's; empty when the table is. */
  public Optional<Entry> choose(PlanTable table, double factor, long now) {
    if (table.entries().isEmpty()) return Optional.empty();
    Expectations expected = new Expectations(table, factor, records);
    Entry best = expected.best();
    Entry used = table.find(current).orElse(null);
    if (used == null) use(best, now, !current.isEmpty());
    else if (best != used && now - sinceNanos >= rules.dwellNanos && expected.of(best) < expected.of(used) * (1 - gain(used, best)))
      use(best, now, true);
    else best = used;
    return Optional.of(best);
  }

  private void use(Entry entry, long now, boolean instead) {
    current = entry.hash();
    sinceNanos = now;
    if (instead) switches++;
  }

  /** One that is known is not left for mere promises, unless they are larger than their usual error makes them. */
  private double gain(Entry used, Entry best) {
    if (!measured(used)) return rules.gain;
    return measured(best) ? rules.measuredGain : Math.max(rules.gain, (rules.gain + rules.doubt) / 2);
  }

  private boolean measured(Entry entry) {
    return records.apply(entry).samples() >= rules.trials;
  }

  /**
   * What the table promises of each plan, corrected by what was measured by now: of it, or where it never served, of others like it, so that a
   * plan is not preferred for being unknown.
   */
  public ToDoubleFunction<Entry> expected(PlanTable table, double factor) {
    return new Expectations(table, factor, records)::of;
  }

  /** Plans that should be tried instead of the one in use, the most promising first; made known so that they can be deployed. */
  public List<Entry> doubtful(PlanTable table, double factor, long now) {
    Entry used = table.find(current).orElse(null);
    if (rules.tryEvery == 0 || used == null || records.apply(used).samples() < BASE) return List.of();
    CellTrials cell = cells.get(table.grid().cell(factor));
    Expectations expected = new Expectations(table, factor, records);
    double limit = expected.of(used) * (1 - rules.gain);
    List<Entry> doubtful = new ArrayList<>();
    for (Entry e : table.entries())
      if (e != used && open(e, cell, now) && expected.least(e, rules.doubt, now) < limit && !onlyFiner(table, factor, e, used)) doubtful.add(e);
    doubtful.sort(Comparator.comparingDouble(expected::of));
    return doubtful.subList(0, Math.min(rules.plansTried, doubtful.size()));
  }

  /**
   * Whether the same devices do the same in more pieces: its promise is wrong for the same reasons, and a trial has its price, since whatever is
   * deployed anew is cold.
   */
  private static boolean onlyFiner(PlanTable table, double factor, Entry entry, Entry used) {
    return entry.plan().devices().equals(used.plan().devices())
        && entry.plan().tiles().size() >= used.plan().tiles().size()
        && alike(entry.airBytes(), used.airBytes())
        && alike(table.joules(entry, factor), table.joules(used, factor))
        && alike(table.seconds(entry, factor), table.seconds(used, factor));
  }

  private static boolean alike(double some, double other) {
    return Math.abs(some - other) <= ALIKE * Math.max(some, other);
  }

  /** Whether there is room for another trial of it; its first inference is cold and says nothing. */
  private boolean open(Entry entry, CellTrials cell, long now) {
    if (records.apply(entry).stale(now)) return true;
    if (measured(entry) || tried.getOrDefault(entry.hash(), 0) > rules.trials) return false;
    return cell == null || cell.plans.contains(entry.hash()) || cell.plans.size() < rules.plansTried;
  }

  /**
   * The plan that this request should try instead of the one in use, if any. Counts the requests, so it is to be asked at each whose inference
   * could be measured.
   *
   * @param live whether a plan could serve at once
   */
  public Optional<Entry> trial(PlanTable table, double factor, long now, Predicate<Entry> live) {
    if (rules.tryEvery == 0) return Optional.empty();
    CellTrials cell = cells.computeIfAbsent(table.grid().cell(factor), c -> new CellTrials());
    if (++cell.since < (cell.count < EAGER ? Math.min(EAGER_EVERY, rules.tryEvery) : rules.tryEvery)) return Optional.empty();
    Optional<Entry> trial = doubtful(table, factor, now).stream().filter(live).findFirst();
    trial.ifPresent(entry -> {
      cell.since = 0;
      cell.count++;
      if (!cell.plans.contains(entry.hash())) cell.plans.add(entry.hash());
      tried.merge(entry.hash(), 1, Integer::sum);
    });
    return trial;
  }

  /**
   * Devices, links or their load are not what they were: what was slow may be quick now. But trials that follow each other quickly are for what
   * is new: where things drift all the time, half of the requests would try something otherwise.
   *
   * @param devices whether others are there than before
   */
  public void drifted(boolean devices) {
    tried.clear();
    if (devices) cells.clear();
    else cells.values().forEach(cell -> cell.plans.clear());
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
