package dev.tilestream.scheduler.power;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Sensors that tell the watts of the moment: the power rails of Jetson boards, and what hwmon knows. */
final class WattSensor implements PowerSensor {
  /** Rails that feed all others. */
  private static final Set<String> TOTALS = Set.of("VDD_IN", "POM_5V_IN", "VIN", "5V_IN");
  /** Channels that are not connected. */
  private static final Set<String> UNUSED = Set.of("NC", "");
  private static final int CHANNELS = 3;

  /** The product of what stands in {@code files}, times {@code unit}, is watts. */
  private record Rail(String name, List<Path> files, double unit) {
    OptionalDouble watts() {
      double product = unit;
      for (Path file : files) {
        OptionalDouble value = SensorFiles.number(file);
        if (value.isEmpty()) return OptionalDouble.empty();
        product *= value.getAsDouble();
      }
      return product >= 0 ? OptionalDouble.of(product) : OptionalDouble.empty();
    }
  }

  private final String kind;
  private final List<Rail> rails;

  private WattSensor(String kind, List<Rail> rails) {
    this.kind = kind;
    this.rails = rails;
  }

  /** @param drivers {@code /sys/bus/i2c/drivers} */
  static Optional<PowerSensor> jetson(Path drivers) {
    List<Rail> rails = new ArrayList<>();
    for (Path chip : SensorFiles.list(drivers.resolve("ina3221x"), "*"))
      for (Path device : SensorFiles.list(chip, "iio:device*"))
        for (int c = 0; c < CHANNELS; c++)
          rails.add(new Rail(label(device.resolve("rail_name_" + c)), List.of(device.resolve("in_power" + c + "_input")), 1e-3));
    for (Path chip : SensorFiles.list(drivers.resolve("ina3221"), "*"))
      for (Path device : SensorFiles.list(chip.resolve("hwmon"), "hwmon*"))
        for (int c = 1; c <= CHANNELS; c++)
          rails.add(new Rail(
              label(device.resolve("in" + c + "_label")),
              List.of(device.resolve("in" + c + "_input"), device.resolve("curr" + c + "_input")), 1e-6));
    rails.removeIf(r -> UNUSED.contains(r.name.toUpperCase(Locale.ROOT)) || r.watts().isEmpty());
    List<Rail> totals = rails.stream().filter(r -> TOTALS.contains(r.name)).limit(1).toList();
    return of("Jetson rails", totals.isEmpty() ? rails : totals);
  }

  private static String label(Path file) {
    return SensorFiles.text(file).orElse("");
  }

  /** @param hwmon {@code /sys/class/hwmon} */
  static Optional<PowerSensor> hwmon(Path hwmon) {
    List<Rail> meters = new ArrayList<>();
    List<Rail> others = new ArrayList<>();
    for (Path device : SensorFiles.list(hwmon, "hwmon*")) {
      String name = label(device.resolve("name"));
      List<Path> inputs = SensorFiles.list(device, "power*_input");
      if (inputs.isEmpty()) inputs = SensorFiles.list(device, "power*_average");
      for (Path input : inputs) {
        Rail rail = new Rail(name, List.of(input), 1e-6);
        // What the firmware measures at the supply covers what the others do.
        if (rail.watts().isPresent()) (name.equals("power_meter") ? meters : others).add(rail);
      }
    }
    return of("hwmon", meters.isEmpty() ? others : meters);
  }

  private static Optional<PowerSensor> of(String kind, List<Rail> rails) {
    return rails.isEmpty() ? Optional.empty() : Optional.of(new WattSensor(kind, rails));
  }

  @Override
  public String name() {
    return "%s: %s".formatted(kind, rails.stream().map(Rail::name).toList());
  }

  @Override
  public boolean counts() {
    return false;
  }

  @Override
  public double read() throws IOException {
    double sum = 0;
    for (Rail rail : rails)
      sum += rail.watts().orElseThrow(() -> new IOException("%s: no number (expected: what it draws)".formatted(rail.files)));
    return sum;
  }
}
