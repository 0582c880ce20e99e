package dev.tilestream.bench;

import com.sun.management.ThreadMXBean;
import dev.tilestream.cli.TextTable;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Agenda;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanStep;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.zoo.Zoo;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./tilestream bench steps}: how soon a source has plans, in a JVM that has never planned and in one that has. */
@Command(
    name = "steps",
    description = "How soon hybrid's plans for a network are there, step by step, cold and warm, and what they keep in memory.",
    mixinStandardHelpOptions = true)
final class StepsCommand implements Callable<Integer> {
  private static final int KEPT_TABLES = 8;

  @Spec private CommandSpec spec;

  @Option(names = "--model", defaultValue = "densenet121", description = "Network of the zoo (default: ${DEFAULT-VALUE}, of 126 stages).")
  private String model;

  @Option(names = "--devices", defaultValue = "3", description = "A robot, an edge, more robots (default: ${DEFAULT-VALUE}).")
  private int devices;

  @Option(names = "--rate", defaultValue = "93", description = "Of each link, Mbit/s (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(names = "--rounds", defaultValue = "6", description = "The first is cold, as after a node's start (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--cache", description = "Directory for the network's file (default: tilestream-zoo among temporary files).")
  private Path cache = Zoo.defaultCache();

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Override
  public Integer call() {
    if (devices < 2 || rounds < 1 || !(rate > 0))
      throw wrong("--devices %d --rounds %d --rate %s (expected: two devices, a round, a rate)".formatted(devices, rounds, rate));
    PlanningSubject subject;
    try {
      subject = PlanningSubject.of(Zoo.of(model), devices, rate, cache);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
    TextTable table = new TextTable("round", "step", "ms", "cpu ms", "garbage MB", "promised ms");
    for (int round = 1; round <= rounds; round++) plan(subject, round, table);
    spec.commandLine().getOut().printf("%s: %d stages, %d devices%n", model, subject.graph().stages().size(), devices);
    spec.commandLine().getOut().print(table);
    spec.commandLine().getOut().printf(Locale.ROOT, "A plan keeps %.1f KB.%n", keptBytes(subject) / 1024);
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** All steps for the rate of now, the fine one included, which is ahead of need. */
  private void plan(PlanningSubject subject, int round, TextTable into) {
    PlanTable table = empty(subject);
    Agenda agenda = new Agenda(Strategy.HYBRID, PlanOptions.DEFAULT, devices, RateGrid.DEFAULT);
    PlanStep step;
    do {
      step = agenda.take(1).orElseThrow();
      long start = System.nanoTime();
      long cpu = threads.getCurrentThreadCpuTime();
      long allocated = allocated();
      table = step.on(table, subject.graph(), Set.of());
      String name = step.strategies().stream().map(Strategy::word).collect(Collectors.joining(" ")) + ", effort " + step.options().effort();
      into.row(
          String.valueOf(round), name, millis(System.nanoTime() - start), millis(threads.getCurrentThreadCpuTime() - cpu),
          String.valueOf((allocated() - allocated) >> 20),
          String.format(Locale.ROOT, "%.1f", table.best(RateGrid.DEFAULT.middle()).orElseThrow().seconds()[RateGrid.DEFAULT.middle()] * 1e3));
    } while (!step.ahead());
  }

  private static PlanTable empty(PlanningSubject subject) {
    return PlanTable.empty(subject.graph(), subject.fleet(), RateGrid.DEFAULT, Objective.LATENCY);
  }

  /** Mean of the plans of several tables, by what the heap holds with and without them. */
  private double keptBytes(PlanningSubject subject) {
    List<PlanTable> tables = new ArrayList<>();
    double before = heap();
    int plans = 0;
    for (int t = 0; t < KEPT_TABLES; t++) {
      PlanTable table = empty(subject);
      Agenda agenda = new Agenda(Strategy.HYBRID, PlanOptions.DEFAULT.withEffort(1), devices, RateGrid.DEFAULT);
      while (!agenda.empty(1)) table = agenda.take(1).orElseThrow().on(table, subject.graph(), Set.of());
      plans += table.entries().size();
      tables.add(table);
    }
    double kept = heap() - before;
    return tables.isEmpty() ? 0 : kept / plans;
  }

  private static double heap() {
    // What only references held goes with the second.
    for (int i = 0; i < 2; i++) System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private long allocated() {
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static String millis(long nanos) {
    return String.valueOf(nanos / 1_000_000);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
