package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Scheduler;
import akka.actor.typed.javadsl.AskPattern;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.InferenceAnswer.TimelineEntry;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.TileTiming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Which tiles ran where and when for one inference, asked of its devices afterwards and set on the source's clock. */
final class Timelines {
  /** A device that takes longer to tell is left out. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final Scheduler scheduler;

  Timelines(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Never fails; entries by their start. */
  CompletionStage<List<TimelineEntry>> of(Flight flight) {
    CompletionStage<List<TimelineEntry>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (ActorRef<Deployments.Command> device : flight.slot.at.values()) all = all.thenCombine(at(flight, device), Timelines::joined);
    return all.thenApply(entries -> entries.stream().sorted(Comparator.comparingDouble(TimelineEntry::startMillis)).toList());
  }

  private CompletionStage<List<TimelineEntry>> at(Flight flight, ActorRef<Deployments.Command> device) {
    long asked = System.nanoTime();
    return AskPattern.<Deployments.Command, Deployments.Timings>ask(
            device, replyTo -> new Deployments.ReportTimings(flight.id, replyTo), PATIENCE, scheduler)
        .thenApply(timings -> entries(flight, timings, asked, System.nanoTime()))
        .exceptionally(silent -> List.of());
  }

  /** The device's clock is taken to have been read half-way between question and answer. */
  private static List<TimelineEntry> entries(Flight flight, Deployments.Timings timings, long asked, long answered) {
    long offset = asked + (answered - asked) / 2 - timings.nowNanos() - flight.startNanos;
    List<TimelineEntry> entries = new ArrayList<>();
    for (TileTiming run : timings.runs())
      entries.add(new TimelineEntry(
          timings.device(), what(flight, run), (run.startNanos() + offset) / 1e6, (run.endNanos() + offset) / 1e6));
    return entries;
  }

  private static String what(Flight flight, TileTiming run) {
    Slot slot = run.deployment().equals(flight.slot.id) ? flight.slot : flight.takeover;
    if (slot == null || run.tile() < 0 || run.tile() >= slot.plan().tiles().size()) return "tile " + run.tile();
    Tile tile = slot.plan().tiles().get(run.tile());
    OperatorGraph graph = slot.instance.prepared.graph();
    List<Integer> stages = tile.stages();
    var rows = tile.outputs().get(0);
    String takeover = slot == flight.takeover ? ", taken over" : "";
    return "stages %d-%d, rows %s of %s%s"
        .formatted(stages.get(0), stages.get(stages.size() - 1), rows.span(), graph.tensor(rows.tensor()).name(), takeover);
  }

  private static List<TimelineEntry> joined(List<TimelineEntry> a, List<TimelineEntry> b) {
    List<TimelineEntry> both = new ArrayList<>(a);
    both.addAll(b);
    return both;
  }
}
