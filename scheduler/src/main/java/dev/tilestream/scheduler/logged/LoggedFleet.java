package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The devices of one log: the robot that is the source, a server, and more robots of the same kind where wanted.
 *
 * @param medium what traffic takes turns on: an emulated air paces what each device sends ({@link Medium#PER_SENDER}), in a real one all
 *     take turns ({@link Medium#SHARED})
 */
public record LoggedFleet(LoggedGraph logged, List<DeviceProfile> devices, Medium medium) {
  public LoggedFleet {
    devices = List.copyOf(devices);
  }

  /** @param size at least 2: robot, server, and {@code size - 2} helping robots */
  public static LoggedFleet of(LoggedGraph logged, Power robot, int size, Medium medium) {
    if (size < 2) throw new IllegalArgumentException("fleet: %d devices (expected: at least 2, a robot and a server)".formatted(size));
    List<DeviceProfile> devices = new ArrayList<>();
    DeviceProfile source = LoggedProfiles.robot(logged, "robot", robot);
    devices.add(source);
    devices.add(LoggedProfiles.server(logged, "server"));
    for (int i = 2; i < size; i++) devices.add(source.named("robot-" + i));
    return new LoggedFleet(logged, devices, medium);
  }

  /** The devices with links of {@code megabits} per second. */
  public Fleet at(double megabits, double delaySeconds) {
    LinkEstimate link = LinkEstimate.ofMegabits(megabits, delaySeconds * 1e3);
    return new Fleet(devices, Collections.nCopies(devices.size(), Collections.nCopies(devices.size(), link)), medium);
  }
}
