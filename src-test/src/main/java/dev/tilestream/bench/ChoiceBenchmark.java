package dev.tilestream.bench;

import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Agenda;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanChoice;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.scheduler.plan.TrackRecord;
import dev.tilestream.zoo.Zoo;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What choosing a plan takes at a request: the best of a table's plans at the rate of now, by what they promise and what was measured
 * ({@link #choose}), and with it whether this request tries another ({@link #chooseAndTry}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ChoiceBenchmark {
  private static final PlanChoice.Rules RULES = new PlanChoice.Rules(0.05, 0.02, 1_000_000_000L, 0.15, 3, 25, 3);

  /** Cells of the rate grid whose plans the table has. */
  @Param({"3", "17"})
  public int cells;

  private final Map<String, TrackRecord> records = new HashMap<>();
  private final double[] factors = new double[1024];
  private PlanTable table;
  private PlanChoice choice;
  private int request;

  @Setup
  public void plan() {
    PlanningSubject subject = PlanningSubject.of(Zoo.DENSENET121, 3, 93, Zoo.defaultCache());
    RateGrid grid = RateGrid.DEFAULT;
    table = PlanTable.empty(subject.graph(), subject.fleet(), grid, Objective.LATENCY);
    Agenda agenda = new Agenda(Strategy.HYBRID, PlanOptions.DEFAULT.withEffort(1), 3, grid);
    int first = cells == grid.cells() ? 0 : grid.middle();
    int last = cells == grid.cells() ? grid.cells() - 1 : grid.middle();
    for (int c = first; c <= last; c++)
      while (!agenda.empty(grid.factor(c))) table = agenda.take(grid.factor(c)).orElseThrow().on(table, subject.graph(), Set.of());
    System.out.printf("%d plans%n", table.entries().size());
    choice = new PlanChoice(RULES, e -> records.computeIfAbsent(e.hash(), h -> new TrackRecord(10_000_000_000L)));
    Random random = new Random(1);
    for (PlanTable.Entry e : table.entries())
      for (int i = random.nextInt(10); i > 0; i--) choice.record(e).add(1 + 0.1 * random.nextGaussian(), 1, 0);
    for (int i = 0; i < factors.length; i++) factors[i] = Math.exp(0.5 * random.nextGaussian());
  }

  @Benchmark
  public Object choose() {
    request++;
    return choice.choose(table, factors[request & 1023], request * 1_000_000L);
  }

  @Benchmark
  public Object chooseAndTry() {
    request++;
    long now = request * 1_000_000L;
    double factor = factors[request & 1023];
    PlanTable.Entry chosen = choice.choose(table, factor, now).orElseThrow();
    return choice.trial(table, factor, now, e -> true).orElse(chosen);
  }

  /** All of it. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(new OptionsBuilder().include(ChoiceBenchmark.class.getName() + "\\..*").build()).run();
  }
}
