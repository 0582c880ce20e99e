package dev.tilestream.scheduler.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Energy counters of x86 processors, by the kernel's powercap interface: the whole platform where it has a counter, else all packages and
 * the memory. A counter starts again from zero every few minutes to hours; more often than it is read it must not.
 */
final class RaplSensor implements PowerSensor {
  /** @param rangeJoules where the counter starts again */
  private record Zone(Path counter, double rangeJoules) {}

  private final List<Zone> zones;
  private final double[] last;

  private RaplSensor(List<Zone> zones) throws IOException {
    this.zones = zones;
    last = new double[zones.size()];
    for (int z = 0; z < last.length; z++) last[z] = joules(zones.get(z));
  }

  /** @param powercap {@code /sys/class/powercap} */
  static Optional<PowerSensor> find(Path powercap) throws IOException {
    List<Zone> platform = new ArrayList<>();
    List<Zone> parts = new ArrayList<>();
    for (Path zone : SensorFiles.list(powercap, "intel-rapl:*")) {
      Optional<String> name = SensorFiles.text(zone.resolve("name"));
      if (name.isEmpty() || !Files.isReadable(zone.resolve("energy_uj"))) continue;
      double range = SensorFiles.number(zone.resolve("max_energy_range_uj")).orElse(0) * 1e-6;
      Zone found = new Zone(zone.resolve("energy_uj"), range);
      if (SensorFiles.number(found.counter).isEmpty()) continue;
      if (name.get().equals("psys")) platform.add(found);
      else if (name.get().startsWith("package") || name.get().equals("dram")) parts.add(found);
    }
    if (!platform.isEmpty()) return Optional.of(new RaplSensor(platform));
    return parts.isEmpty() ? Optional.empty() : Optional.of(new RaplSensor(parts));
  }

  private static double joules(Zone zone) throws IOException {
    return SensorFiles.number(zone.counter)
        .orElseThrow(() -> new IOException("%s: no number (expected: microjoules)".formatted(zone.counter))) * 1e-6;
  }

  @Override
  public String name() {
    return "RAPL, %d counters".formatted(zones.size());
  }

  @Override
  public boolean counts() {
    return true;
  }

  @Override
  public double read() throws IOException {
    double sum = 0;
    for (int z = 0; z < last.length; z++) {
      Zone zone = zones.get(z);
      double now = joules(zone);
      // A counter of unknown range that fell tells nothing about what was used meanwhile.
      if (now >= last[z]) sum += now - last[z];
      else if (zone.rangeJoules > last[z]) sum += zone.rangeJoules - last[z] + now;
      last[z] = now;
    }
    return sum;
  }
}
