package dev.tilestream.scheduler.power;

import dev.tilestream.scheduler.profile.Power;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this machine draws, by its sensors: joules since the start, and what an idle and a computing device draw, learnt by and by. One
 * whose sensors fail measures nothing from then on. Thread-safe.
 */
public final class PowerMeter {
  private static final Logger LOG = LoggerFactory.getLogger(PowerMeter.class);
  /** A device counts as idle below this utilisation of its lane, and as computing above that. */
  private static final double IDLE = 0.05;
  private static final double COMPUTING = 0.6;
  private static final double WEIGHT = 0.1;
  private static final int ENOUGH = 5;

  private final PowerSensor sensor;
  private double joules;
  private double sampledJoules;
  private double watts = Double.NaN;
  private long lastNanos;
  private boolean read;
  private boolean broken;
  private double idleWatts;
  private int idleSamples;
  private double computeWatts;
  private int computeSamples;

  PowerMeter(PowerSensor sensor) {
    this.sensor = sensor;
  }

  /**
   * The sensors of this machine: Jetson's rails, else RAPL, else hwmon; empty when there is none that can be read.
   *
   * @param root {@code /}, where {@code sys} is
   */
  public static Optional<PowerMeter> find(Path root) {
    Path sys = root.resolve("sys");
    try {
      Optional<PowerSensor> found = WattSensor.jetson(sys.resolve("bus/i2c/drivers"));
      if (found.isEmpty()) found = RaplSensor.find(sys.resolve("class/powercap"));
      if (found.isEmpty()) found = WattSensor.hwmon(sys.resolve("class/hwmon"));
      return found.map(PowerMeter::new);
    } catch (IOException e) {
      LOG.warn("power sensors: {}", e.toString());
      return Optional.empty();
    }
  }

  /** Which sensors these are. */
  public String name() {
    return sensor.name();
  }

  /**
   * To be called about once a second.
   *
   * @param utilisation of the compute lane since the last call
   */
  public synchronized void sample(long nowNanos, double utilisation) {
    if (broken) return;
    boolean first = !read;
    double seconds = first ? 0 : (nowNanos - lastNanos) * 1e-9;
    advance(nowNanos);
    if (sensor.counts() && seconds > 0) watts = (joules - sampledJoules) / seconds;
    sampledJoules = joules;
    if (first || broken || seconds <= 0) return;
    learn(utilisation);
  }

  private void learn(double utilisation) {
    if (utilisation < IDLE) {
      idleWatts = idleSamples++ == 0 ? watts : idleWatts + WEIGHT * (watts - idleWatts);
    } else if (utilisation > COMPUTING && idleSamples >= ENOUGH) {
      double whole = idleWatts + (watts - idleWatts) / utilisation;
      computeWatts = computeSamples++ == 0 ? whole : computeWatts + WEIGHT * (whole - computeWatts);
    }
  }

  private void advance(long nowNanos) {
    try {
      double value = sensor.read();
      if (sensor.counts()) joules += value;
      else {
        // What was drawn between two readings is taken to lie between them.
        if (read) joules += (value + watts) / 2 * (nowNanos - lastNanos) * 1e-9;
        watts = value;
      }
      lastNanos = nowNanos;
      read = true;
    } catch (IOException e) {
      broken = true;
      LOG.warn("power: nothing is measured from now on: {}", e.toString());
    }
  }

  /** Joules drawn since the first reading, up to now; empty before it and once sensors fail. */
  public synchronized OptionalDouble joules(long nowNanos) {
    if (!read || broken) return OptionalDouble.empty();
    if (sensor.counts()) {
      try {
        double more = sensor.read();
        joules += more;
      } catch (IOException e) {
        broken = true;
        LOG.warn("power: nothing is measured from now on: {}", e.toString());
        return OptionalDouble.empty();
      }
      return OptionalDouble.of(joules);
    }
    return OptionalDouble.of(joules + watts * Math.max(0, nowNanos - lastNanos) * 1e-9);
  }

  /** Watts at the last sample; empty before there was one. */
  public synchronized OptionalDouble watts() {
    return broken || Double.isNaN(watts) ? OptionalDouble.empty() : OptionalDouble.of(watts);
  }

  /** What was measured in the place of what was {@code configured}, as far as it is known. What the radio adds is always as configured. */
  public synchronized Power learned(Power configured) {
    if (idleSamples < ENOUGH) return configured;
    double more = computeSamples < ENOUGH ? configured.computeWatts() - configured.idleWatts() : computeWatts - idleWatts;
    return new Power(
        idleWatts, idleWatts + Math.max(0, more), idleWatts + configured.transmitWatts() - configured.idleWatts(),
        idleWatts + configured.receiveWatts() - configured.idleWatts());
  }
}
