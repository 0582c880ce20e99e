package dev.tilestream.scheduler.power;

import java.io.IOException;

/** Sensors that together cover what a machine, or the part of it that computes, draws. Not thread-safe. */
public interface PowerSensor {
  /** What it is, for the log. */
  String name();

  /** Whether it counts energy itself; otherwise it tells what is drawn at the moment. */
  boolean counts();

  /**
   * Joules since the last call, 0 at the first, for one that {@link #counts}; else watts now.
   *
   * @throws IOException when a sensor that was there can't be read any more
   */
  double read() throws IOException;
}
