package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.OperatorGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * Devices and links that a plan may use.
 *
 * @param devices index 0 is the source
 * @param links {@code links.get(i).get(j)} is from device i to device j; the diagonal is not read
 */
public record Fleet(List<DeviceProfile> devices, List<List<LinkEstimate>> links, Medium medium) {
  public Fleet {
    devices = List.copyOf(devices);
    links = links.stream().map(List::copyOf).toList();
    if (devices.isEmpty()) throw new IllegalArgumentException("fleet: no device (expected: at least the source)");
    int n = devices.size();
    if (links.size() != n || links.stream().anyMatch(l -> l.size() != n))
      throw new IllegalArgumentException("fleet: links %s (expected: %d x %d)".formatted(links.stream().map(List::size).toList(), n, n));
    if (devices.stream().map(DeviceProfile::device).distinct().count() != n)
      throw new IllegalArgumentException("fleet: devices %s (expected: distinct names)".formatted(names(devices)));
  }

  /** All links alike, each with its own wire. */
  public static Fleet uniform(List<DeviceProfile> devices, LinkEstimate link) {
    List<List<LinkEstimate>> links = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) links.add(java.util.Collections.nCopies(devices.size(), link));
    return new Fleet(devices, links, Medium.PER_LINK);
  }

  public int size() {
    return devices.size();
  }

  public DeviceProfile device(int i) {
    return devices.get(i);
  }

  public LinkEstimate link(int from, int to) {
    return links.get(from).get(to);
  }

  public List<String> names() {
    return names(devices);
  }

  /** @throws IllegalArgumentException unless every device was profiled on {@code graph} */
  public void requireProfiled(OperatorGraph graph) {
    for (DeviceProfile d : devices)
      if (!d.graphHash().equals(graph.hash()) || d.stages().size() != graph.stages().size())
        throw new IllegalArgumentException(
            "profile of %s: %d stages of graph %s (expected: %d stages of %s)"
                .formatted(d.device(), d.stages().size(), d.graphHash(), graph.stages().size(), graph.hash()));
  }

  private static List<String> names(List<DeviceProfile> devices) {
    return devices.stream().map(DeviceProfile::device).toList();
  }
}
