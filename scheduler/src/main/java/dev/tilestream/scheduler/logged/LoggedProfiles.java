package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.graph.logged.ProfileRefused;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * The robot and the server of a log. A stage takes the sum of its operators; a share of its rows takes that share of each, but each
 * operator has a floor: launching it takes as long for one row as for all.
 */
public final class LoggedProfiles {
  /** Least time of one operator on the robot's GPU. */
  public static final double ROBOT_FLOOR_SECONDS = 30e-6;

  /** Least time of one operator on the server's GPU. */
  public static final double SERVER_FLOOR_SECONDS = 15e-6;

  private LoggedProfiles() {}

  /** @param power of its board; see {@link LoggedPower} */
  public static DeviceProfile robot(LoggedGraph logged, String name, Power power) {
    return profile(logged.graph(), name, logged::robotMillis, ROBOT_FLOOR_SECONDS, power);
  }

  /**
   * Where operators were not timed on the server but the whole pass was, each takes the server's part of its time on the robot.
   *
   * @throws ProfileRefused when nothing was timed on the server
   */
  public static DeviceProfile server(LoggedGraph logged, String name) {
    if (logged.hasServerTimes()) return profile(logged.graph(), name, logged::serverMillis, SERVER_FLOOR_SECONDS, LoggedPower.SERVER);
    double forward = logged.log().serverForwardMillis();
    if (!(forward > 0))
      throw new ProfileRefused("%s: no times on the server (expected: \"server_ms\" of each operator, or \"server_forward_ms\")"
          .formatted(logged.log().name()));
    double ratio = forward / logged.log().robotForwardMillis();
    return profile(logged.graph(), name, o -> logged.robotMillis(o) * ratio, SERVER_FLOOR_SECONDS, LoggedPower.SERVER);
  }

  private static DeviceProfile profile(OperatorGraph graph, String name, IntToDoubleFunction millis, double floor, Power power) {
    List<StageTime> stages = new ArrayList<>();
    for (Stage s : graph.stages()) {
      double whole = 0;
      double least = 0;
      for (int o : s.operators()) {
        double seconds = millis.applyAsDouble(o) / 1e3;
        whole += seconds;
        least += Math.min(floor, seconds);
      }
      stages.add(StageTime.linear(least, whole));
    }
    return new DeviceProfile(name, graph.hash(), stages, 1, DeviceProfile.DEFAULT_TILE_SECONDS, power);
  }
}
