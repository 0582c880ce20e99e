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
    List<Step> steps = new ArrayList<>();
    double now = 0;
    double estimate = trace.bytesPerSecond(now);
    while (now < trace.seconds()) {
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
