package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Devices and links that a plan may use.
 *
 * @param devices index 0 is the source
 * @param links {@code links.get(i).get(j)} is from device i to device j; the diagonal is not read
 * @param waits for each device, how long an inference waits on average for its lane because others use it, too: as the device measures,
 *     {@link DeviceLoad#waitSeconds}, or by {@link Contention}; 0 where nobody else does
 */
public record Fleet(List<DeviceProfile> devices, List<List<LinkEstimate>> links, Medium medium, List<Double> waits) {
  /** Nobody else uses any of them. */
  public Fleet(List<DeviceProfile> devices, List<List<LinkEstimate>> links, Medium medium) {
    this(devices, links, medium, Collections.nCopies(devices.size(), 0.0));
  }

  public Fleet {
    waits = List.copyOf(waits);
    devices = List.copyOf(devices);
    links = links.stream().map(List::copyOf).toList();
    if (devices.isEmpty()) throw new IllegalArgumentException("fleet: no device (expected: at least the source)");
    int n = devices.size();
    if (links.size() != n || links.stream().anyMatch(l -> l.size() != n))
      throw new IllegalArgumentException("fleet: links %s (expected: %d x %d)".formatted(links.stream().map(List::size).toList(), n, n));
    if (waits.size() != n || waits.stream().anyMatch(w -> !(w >= 0 && w < Double.POSITIVE_INFINITY)))
      throw new IllegalArgumentException("fleet: waits %s (expected: %d, finite, not negative)".formatted(waits, n));
    if (devices.stream().map(DeviceProfile::device).distinct().count() != n)
      throw new IllegalArgumentException("fleet: devices %s (expected: distinct names)".formatted(names(devices)));
  }

  /** All links alike, each with its own wire. */
  public static Fleet uniform(List<DeviceProfile> devices, LinkEstimate link) {
    List<List<LinkEstimate>> links = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) links.add(Collections.nCopies(devices.size(), link));
    return new Fleet(devices, links, Medium.PER_LINK);
  }

  /** The same devices and links while others use the devices, too. */
  public Fleet waiting(List<Double> seconds) {
    return new Fleet(devices, links, medium, seconds);
  }

  /** Only the devices of these indices, in this order. */
  public Fleet part(List<Integer> kept) {
    return new Fleet(
        kept.stream().map(devices::get).toList(),
        kept.stream().map(i -> kept.stream().map(j -> link(i, j)).toList()).toList(),
        medium,
        kept.stream().map(waits::get).toList());
  }

  /** How long an inference waits for the lane of device {@code i} when it comes to it. */
  public double waitSeconds(int i) {
    return waits.get(i);
  }

  /** The same devices, every link {@code factor} times as fast. */
  public Fleet withRates(double factor) {
    return new Fleet(devices, links.stream().map(row -> row.stream().map(link -> link.times(factor)).toList()).toList(), medium, waits);
  }

  /** The same devices, between which floats of {@code graph} cross links at half precision. */
  public Fleet halving(OperatorGraph graph) {
    List<DeviceProfile> halved = new ArrayList<>();
    for (DeviceProfile d : devices) {
      List<Double> shares = new ArrayList<>();
      for (Tensor t : graph.tensors()) shares.add(d.airShare(t.id()) * (t.type() == DataType.FLOAT32 ? 0.5 : 1));
      halved.add(d.packing(shares));
    }
    return new Fleet(halved, links, medium, waits);
  }

  /** What is left of a tensor's bytes on the air, as the source knows it. */
  public double airShare(int tensor) {
    return devices.get(0).airShare(tensor);
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
