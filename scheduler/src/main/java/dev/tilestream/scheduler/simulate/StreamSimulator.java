package dev.tilestream.scheduler.simulate;

import dev.tilestream.plan.FairTurns;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.List;

/**
 * Many inferences on one fleet: of one source after another or at the same time, of several sources that share devices and air. The rules
 * are {@link Simulator}'s, and the runtime's for several: on each device's links, inferences that came to it earlier go first, and likewise on
 * its lane, where sources take turns ({@link FairTurns}); whole tiles and chunks at a time; a source has a bounded number under way. One
 * inference alone takes what {@link Simulator} says. Deterministic.
 */
public final class StreamSimulator {
  private final LinkSchedules links;
  private final double startSeconds;
  private final double turnSeconds;

  /** Over links of constant rates. */
  public StreamSimulator() {
    this(null, 0);
  }

  /**
   * Over links whose rates change.
   *
   * @param startSeconds when, by the schedules' clock, the simulation begins
   */
  public StreamSimulator(LinkSchedules links, double startSeconds) {
    this(links, startSeconds, FairTurns.TURN_NANOS * 1e-9);
  }

  private StreamSimulator(LinkSchedules links, double startSeconds, double turnSeconds) {
    this.links = links;
    this.startSeconds = startSeconds;
    this.turnSeconds = turnSeconds;
  }

  /** The same, with sources that have the lane for so long in their turns: {@code tilestream.lane.turn}. */
  public StreamSimulator turns(double seconds) {
    return new StreamSimulator(links, startSeconds, seconds);
  }

  /** @param fleet all devices that streams are on, and the links between them */
  public StreamSimulation run(Fleet fleet, List<InferenceStream> streams) {
    for (InferenceStream s : streams)
      for (int d : s.devices())
        if (d < 0 || d >= fleet.size())
          throw new IllegalArgumentException("stream: on device %d (expected: one of %d)".formatted(d, fleet.size()));
    return new StreamRun(fleet, streams, links, startSeconds, turnSeconds).finish();
  }

  /** One stream on a fleet of its own. */
  public StreamSimulation run(Fleet fleet, InferenceStream stream) {
    return run(fleet, List.of(stream));
  }
}
