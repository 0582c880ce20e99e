package dev.tilestream.scheduler.logged;

import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.LinkSchedules;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import dev.tilestream.tile.RateTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * A robot that infers again and again while its air follows a trace: each inference begins when the last one has ended. Its plan is the
 * one for an exponential average of what the air was seen to carry during the inferences before, nothing from the future; its transfers
 * meet what the trace says. Where a plan sends nothing, gentle probes are taken to have seen the air.
 */
public final class TraceWalk {
  /** Weight of the last inference in the estimate. */
  private static final double LATEST = 0.5;
  /** Places along the trace at which a given number of inferences is taken. */
  private static final int PLACES = 50;

  /** One inference. */
  public record Step(double startSeconds, double estimateBytesPerSecond, Simulation simulation, boolean exact) {}

  private final RateTrace trace;
  private final LinkSchedules links;
  private final Simulator simulator = new Simulator();

  public TraceWalk(RateTrace trace) {
    this.trace = trace;
    links = LinkSchedules.all(new TraceSchedule(trace));
  }

  /** Once through the trace. */
  public List<Step> through(RatedPlans plans) {
    return from(plans, 0, Integer.MAX_VALUE, trace.seconds());
  }

  /** {@code inferences} of them, in short runs spread evenly over the trace. */
  public List<Step> spread(RatedPlans plans, int inferences) {
    if (inferences < 1) throw new IllegalArgumentException("walk: %d inferences (expected: at least 1)".formatted(inferences));
    int places = Math.min(PLACES, inferences);
    List<Step> steps = new ArrayList<>();
    for (int p = 0; p < places; p++) {
      int count = (int) ((p + 1L) * inferences / places - (long) p * inferences / places);
      steps.addAll(from(plans, p * trace.seconds() / places, count, Double.POSITIVE_INFINITY));
    }
    return steps;
  }

  private List<Step> from(RatedPlans plans, double start, int count, double end) {
    List<Step> steps = new ArrayList<>();
    double now = start;
    double estimate = trace.bytesPerSecond(start);
    while (steps.size() < count && now < end) {
      RatedPlans.Ready ready = plans.at(estimate);
      Fleet fleet = plans.fleet(ready, Math.max(1, estimate));
      Simulation simulation = simulator.run(ready.work(), fleet, links, now);
      steps.add(new Step(now, estimate, simulation, ready.plan().exact()));
      double next = now + Math.max(1e-6, simulation.latencySeconds());
      estimate += LATEST * (trace.bytes(now, next) / (next - now) - estimate);
      now = next;
    }
    return steps;
  }
}
