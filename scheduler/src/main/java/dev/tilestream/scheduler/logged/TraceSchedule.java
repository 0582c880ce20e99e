package dev.tilestream.scheduler.logged;

import dev.tilestream.scheduler.simulate.LinkSchedule;
import dev.tilestream.tile.RateTrace;

/** A trace of the air as the simulator asks for it: the same that the emulated air follows. */
public record TraceSchedule(RateTrace trace) implements LinkSchedule {
  @Override
  public double bytesPerSecond(double atSeconds) {
    return trace.bytesPerSecond(atSeconds);
  }

  @Override
  public double endSeconds(double startSeconds, double bytes) {
    return trace.passed(startSeconds, bytes);
  }
}
