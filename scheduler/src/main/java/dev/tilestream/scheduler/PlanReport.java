package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.PlanWords;
import dev.tilestream.scheduler.plan.TrackRecord;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one goal of a model is served now, and what else could serve it: for people.
 *
 * @param precision at which floats cross links
 * @param settled whether the rates of now have their plan
 * @param switches how often another plan took over
 * @param rates of the source's links now, bytes a second by device
 * @param deviations how far off these have been lately, as a share of them
 * @param waits how long an inference is expected to wait at each device because of others, seconds
 * @param plans the one in use first, then by what is expected of them
 */
public record PlanReport(
    String model,
    String version,
    String strategy,
    String objective,
    String halo,
    String precision,
    boolean settled,
    long switches,
    Map<String, Double> rates,
    Map<String, Double> deviations,
    Map<String, Double> waits,
    List<Candidate> plans) {
  /**
   * @param plan short hash of what it does
   * @param madeBy the strategy that found it
   * @param inUse whether requests use it now
   * @param deployed whether they could
   * @param promisedSeconds at the rates of now
   * @param expectedSeconds that, corrected by what was measured
   * @param measured inferences that this correction is made of
   * @param joules of the source, promised
   * @param bestFrom rates, relative to those of now, from which on it is the best; NaN: at none
   * @param bestTo up to which it is
   * @param tiles by device
   */
  public record Candidate(
      String plan, String madeBy, boolean inUse, boolean deployed, double promisedSeconds, double expectedSeconds, int measured,
      double joules, double bestFrom, double bestTo, Map<String, Integer> tiles) {}

  /** Of all instances, or of those of that model. */
  static List<PlanReport> of(List<ModelInstance> instances, Optional<String> model) {
    return instances.stream()
        .filter(instance -> model.isEmpty() || model.get().equals(instance.model.name()))
        .flatMap(instance -> instance.courses.values().stream())
        .map(PlanReport::of)
        .toList();
  }

  private static PlanReport of(Course course) {
    Map<String, Double> rates = new LinkedHashMap<>();
    Map<String, Double> deviations = new LinkedHashMap<>();
    Map<String, Double> waits = new LinkedHashMap<>();
    Fleet fleet = course.fleet;
    for (int d = 0; d < fleet.size(); d++) {
      String device = fleet.device(d).device();
      if (d != Plan.SOURCE) {
        rates.put(device, fleet.link(Plan.SOURCE, d).bytesPerSecond() * course.factor);
        deviations.put(device, fleet.link(Plan.SOURCE, d).rateDeviation());
      }
      waits.put(device, fleet.waitSeconds(d));
    }
    List<Candidate> plans = new ArrayList<>();
    if (course.table != null) for (PlanTable.Entry e : course.table.entries()) plans.add(candidate(course, e));
    plans.sort(Comparator.comparing((Candidate c) -> !c.inUse).thenComparingDouble(c -> c.expectedSeconds));
    return new PlanReport(
        course.instance.model.name(), course.instance.model.version(), course.goal.strategy().word(), PlanWords.of(course.goal.objective()),
        PlanWords.halo(course.goal.halo()), course.goal.precision().word(), course.settled(), course.choice.switches(), rates, deviations, waits,
        plans);
  }

  private static Candidate candidate(Course course, PlanTable.Entry entry) {
    PlanTable table = course.table;
    Slot slot = course.instance.slots.get(entry.hash());
    TrackRecord record = course.choice.record(entry);
    double promised = table.seconds(entry, course.factor);
    double from = Double.NaN;
    double to = Double.NaN;
    for (PlanTable.Band band : table.bands())
      if (band.best() == entry) {
        if (Double.isNaN(from)) from = table.grid().factor(band.from()) / course.factor;
        to = table.grid().factor(band.to() - 1) / course.factor;
      }
    Map<String, Integer> tiles = new LinkedHashMap<>();
    for (Tile t : entry.plan().tiles()) tiles.merge(entry.plan().devices().get(t.device()), 1, Integer::sum);
    return new Candidate(
        entry.hash(), entry.plan().strategy().word(), entry.hash().equals(course.choice.current()),
        slot != null && slot.state == Slot.State.LIVE, promised, promised * record.ratio(), record.samples(),
        table.joules(entry, course.factor), from, to, tiles);
  }
}
