package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.scheduler.profile.Power;
import java.util.Optional;

/**
 * Watts of the logged robots. Published joules are mean board input power times latency, so what a board draws while it computes is the
 * joules of a local run over its time, and what it draws while it waits for the server, radio and all, is that of an offloaded run.
 */
public final class LoggedPower {
  /** While waiting for the server, in the latest series. */
  public static final double WAITING_WATTS = 4.8;

  /** While computing, where nothing was published: between the 7.7 and 15.2 W of the latest series. */
  public static final double COMPUTING_WATTS = 11;

  /** Nobody counts the server's: published joules are the robot's. */
  public static final Power SERVER = new Power(0, 0, 0, 0);

  private LoggedPower() {}

  /** The robot while it runs {@code model}, by what was published of the same series. */
  public static Power robot(LoggedModel model, PublishedFigures figures) {
    Optional<PublishedFigures.Row> row = figures.any(model);
    double waiting = row.flatMap(r -> r.watts(PublishedFigures.Column.OFFLOAD)).orElse(WAITING_WATTS);
    double computing = row.flatMap(r -> r.watts(PublishedFigures.Column.LOCAL)).orElse(COMPUTING_WATTS);
    return new Power(waiting, Math.max(waiting, computing), waiting, waiting);
  }
}
