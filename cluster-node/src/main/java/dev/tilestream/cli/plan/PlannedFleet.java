package dev.tilestream.cli.plan;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Makes a fleet of a file's devices. */
public final class PlannedFleet {
  private PlannedFleet() {}

  /** @param rate and delay of links that the file says nothing of */
  public static Fleet of(DevicesFile file, PlannableModel model, LinkRate rate, Duration delay) {
    List<DeviceProfile> devices = file.devices().stream().map(model::of).toList();
    List<List<LinkEstimate>> links = new ArrayList<>();
    for (DeviceProfile from : devices)
      links.add(devices.stream().map(to -> link(file, from.device(), to.device(), rate, delay)).toList());
    return new Fleet(devices, links, file.medium());
  }

  private static LinkEstimate link(DevicesFile file, String from, String to, LinkRate rate, Duration delay) {
    for (DevicesFile.Link l : file.links())
      if (l.from().equals(from) && l.to().equals(to)) return estimate(l.rate(), l.delay().orElse(delay));
    return estimate(rate, delay);
  }

  private static LinkEstimate estimate(LinkRate rate, Duration delay) {
    return new LinkEstimate(rate.bytesPerSecond(), delay.toNanos() / 1e9, LinkEstimate.MESSAGE_SECONDS);
  }
}
