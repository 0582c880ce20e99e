package dev.tilestream.bench;

import dev.tilestream.cli.fleet.ResidentMemory;
import dev.tilestream.fault.Asked;
import dev.tilestream.fault.FaultKind;
import dev.tilestream.fault.Faults;
import dev.tilestream.fault.FaultyFleet;
import dev.tilestream.fault.Ground;
import dev.tilestream.fault.LiveNode;
import dev.tilestream.fault.Load;
import dev.tilestream.fault.Questions;
import dev.tilestream.fleet.ProcessMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Faults of the kinds asked for, some seconds apart, for minutes; memory before, meanwhile and behind. */
final class SoakBench {
  /** Of the air's faults the one that emulated links are made for; other grounds have all. */
  private static final FaultKind EMULATED = FaultKind.OUTAGE;
  private static final Duration RECOVERY = Duration.ofSeconds(4);
  private static final Duration WARM_UP = Duration.ofSeconds(45);
  /** In which searches for plans end, dead members are forgotten, and the processes give back what they do not need. */
  private static final Duration REST = Duration.ofSeconds(45);
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int MOST_REASONS = 10;
  private static final int POLL_MILLIS = 500;

  private final FaultOptions options;
  private final Duration length;
  private final Duration step;
  private final List<FaultKind> kinds;
  private final List<SoakResult.Row> rows = new ArrayList<>();
  private final Map<String, Integer> inflicted = new LinkedHashMap<>();

  SoakBench(FaultOptions options, Duration length, Duration step, List<FaultKind> kinds) {
    this.options = options;
    this.length = length;
    this.step = step;
    this.kinds = List.copyOf(kinds);
  }

  SoakResult measure(Path directory) throws IOException, InterruptedException {
    return options.with(directory, options.air(), Optional.of(EMULATED), this::soak);
  }

  private SoakResult soak(Ground ground, FaultyFleet fleet, Questions questions) throws InterruptedException {
    List<FaultKind> possible = kinds.stream().filter(kind -> ground.anyFault() || !kind.ofTheAir() || kind == EMULATED).toList();
    if (possible.isEmpty()) throw options.wrong("--faults: none of %s can happen on %s".formatted(kinds, ground.word()));
    fleet.source().client().load(questions.model());
    try (Load load = load(fleet, questions); Faults faults = faults(ground, fleet, load)) {
      TimeUnit.NANOSECONDS.sleep(WARM_UP.toNanos());
      for (FaultKind kind : possible) faults.inflict(kind);
    }
    rows.add(row(0, List.of(), memoryAtRest(fleet, questions)));
    long start = System.nanoTime();
    List<Asked> asked;
    try (Load load = load(fleet, questions); Faults faults = faults(ground, fleet, load)) {
      Thread sampler = new Thread(() -> sample(fleet, load, start), "sampler");
      sampler.setDaemon(true);
      sampler.start();
      Random random = new Random(options.seed());
      long end = System.nanoTime() + length.toNanos();
      while (System.nanoTime() - end < 0) {
        FaultKind kind = possible.get(random.nextInt(possible.size()));
        faults.inflict(kind);
        count(kind);
      }
      sampler.interrupt();
      sampler.join();
      load.close();
      asked = load.asked();
    }
    asked.stream().filter(a -> a.outcome() != Asked.Outcome.RIGHT).map(Asked::why).distinct().limit(MOST_REASONS)
        .forEach(why -> options.progress().say("%s", why));
    Map<String, SoakResult.Memory> memory = memoryAtRest(fleet, questions);
    rows.add(row(seconds(start), asked, memory));
    return new SoakResult(ground.word(), rows, inflicted);
  }

  private Load load(FaultyFleet fleet, Questions questions) {
    return Load.start(questions, fleet.source().client(), options.strategies(), options.clients());
  }

  private Faults faults(Ground ground, FaultyFleet fleet, Load load) {
    return new Faults(ground, fleet, load, RECOVERY, options.seed());
  }

  private synchronized void count(FaultKind kind) {
    inflicted.merge(kind.word(), 1, Integer::sum);
  }

  private synchronized int faults() {
    return inflicted.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void sample(FaultyFleet fleet, Load load, long start) {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(step.toNanos());
        Map<String, SoakResult.Memory> memory = new LinkedHashMap<>();
        for (LiveNode node : fleet.nodes()) memory(node, ResidentMemory.of(node.pid())).ifPresent(m -> memory.put(node.name(), m));
        SoakResult.Row row = row(seconds(start), load.asked(), memory);
        rows.add(row);
        options.progress().say(
            "%.0f s: %d faults, %d requests, %d lost, %d wrong", row.second(), row.faults(), row.requests(), row.lost(), row.wrong());
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /** Once every node is there, nothing is planned, and what tensors hold has been told. */
  private static Map<String, SoakResult.Memory> memoryAtRest(FaultyFleet fleet, Questions questions) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (LiveNode node : fleet.nodes()) while (!node.client().ready() && System.nanoTime() - end < 0) Thread.sleep(POLL_MILLIS);
    while (!fleet.source().client().settled(questions.model()) && System.nanoTime() - end < 0) Thread.sleep(POLL_MILLIS);
    TimeUnit.NANOSECONDS.sleep(REST.toNanos());
    Map<String, SoakResult.Memory> memory = new LinkedHashMap<>();
    for (LiveNode node : fleet.nodes())
      memory(node, OptionalLong.of(ProcessMemory.of(node.pid()).residentBytes())).ifPresent(m -> memory.put(node.name(), m));
    return memory;
  }

  private static Optional<SoakResult.Memory> memory(LiveNode node, OptionalLong resident) throws InterruptedException {
    OptionalLong nativeBytes = node.face().nativeBytes();
    if (resident.isEmpty() || nativeBytes.isEmpty()) return Optional.empty();
    return Optional.of(new SoakResult.Memory(node.pid(), resident.getAsLong(), nativeBytes.getAsLong()));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private SoakResult.Row row(double second, List<Asked> asked, Map<String, SoakResult.Memory> memory) {
    int lost = (int) asked.stream().filter(a -> a.outcome() == Asked.Outcome.LOST).count();
    int wrong = (int) asked.stream().filter(a -> a.outcome() == Asked.Outcome.WRONG).count();
    return new SoakResult.Row(second, asked.size(), lost, wrong, faults(), memory);
  }
}
