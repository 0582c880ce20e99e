package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Power;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How the fleet of now differs from the one that plans were made for. Rates that all change alike are a {@link #factor}, which plan tables
 * answer; anything else needs plans anew.
 *
 * @param factor what all link rates of the source were multiplied with, geometric mean
 * @param reasons why plans must be made anew, in words, each of a device; none: they need not
 * @param devices whether others are there
 * @param speeds those that compute at another speed
 */
record Drift(double factor, List<String> reasons, boolean devices, Set<String> speeds) {
  /** One link's rate may depart from what all together do by this ratio, ... */
  private static final double RATE = 1.3;
  /** ... or by so many times what is known to be wrong with it, if that is more. */
  private static final double SURE = 2;
  /** A delay may grow or shrink by this ratio, or by less than {@link #DELAY_SECONDS}. */
  private static final double DELAY = 1.5;
  private static final double DELAY_SECONDS = 5e-3;
  /** What a device takes, or draws, may change by this share. */
  private static final double PROFILE = 0.1;
  /** A wait may change by this much ... */
  private static final double WAIT_SECONDS = 3e-3;
  /** ... and by this share. */
  private static final double WAIT = 0.3;

  Drift {
    reasons = List.copyOf(reasons);
    speeds = Set.copyOf(speeds);
  }

  /** Whether anything but speeds is otherwise. */
  boolean beyondSpeeds() {
    return devices || speeds.size() < reasons.size();
  }

  /**
   * Both fleets have the same source.
   *
   * @param power whether it matters what that draws
   */
  static Drift between(Fleet then, Fleet now, boolean power) {
    if (!then.names().equals(now.names())) return new Drift(1, List.of("devices " + now.names()), true, Set.of());
    double sum = 0;
    for (int d = 1; d < now.size(); d++) sum += rate(then, now, d);
    double mean = now.size() > 1 ? sum / (now.size() - 1) : 0;
    List<String> reasons = new ArrayList<>();
    if (power && power(then.device(Plan.SOURCE).power(), now.device(Plan.SOURCE).power()))
      reasons.add("another power of " + now.device(Plan.SOURCE).device());
    Set<String> speeds = new HashSet<>();
    for (int d = 0; d < now.size(); d++) {
      String device = now.device(d).device();
      if (speed(then.device(d), now.device(d))) {
        reasons.add("another speed of " + device);
        speeds.add(device);
      }
      String why = device(then, now, d, mean);
      if (!why.isEmpty()) reasons.add(why + " " + device);
    }
    return new Drift(Math.exp(mean), reasons, false, speeds);
  }

  private static double rate(Fleet then, Fleet now, int d) {
    return Math.log(now.link(0, d).bytesPerSecond() / then.link(0, d).bytesPerSecond());
  }

  private static boolean power(Power then, Power now) {
    return other(then.idleWatts(), now.idleWatts()) || other(then.computeWatts(), now.computeWatts())
        || other(then.transmitWatts(), now.transmitWatts()) || other(then.receiveWatts(), now.receiveWatts());
  }

  private static boolean other(double then, double now) {
    return Math.abs(now - then) > PROFILE * Math.max(then, now);
  }

  /** Whether a device computes at another speed than {@code then}. */
  static boolean speed(DeviceProfile then, DeviceProfile now) {
    return now != then && now.change(then) > PROFILE;
  }

  private static String device(Fleet then, Fleet now, int d, double mean) {
    double wait = now.waitSeconds(d) - then.waitSeconds(d);
    if (Math.abs(wait) > WAIT_SECONDS && Math.abs(wait) > WAIT * then.waitSeconds(d)) return "another wait at";
    if (d == Plan.SOURCE) return "";
    double unsure = SURE * now.link(Plan.SOURCE, d).rateDeviation();
    if (Math.abs(rate(then, now, d) - mean) > Math.max(Math.log(RATE), unsure)) return "another rate to";
    double before = then.link(Plan.SOURCE, d).delaySeconds();
    double after = now.link(Plan.SOURCE, d).delaySeconds();
    boolean other = Math.abs(after - before) > Math.max(DELAY_SECONDS, (DELAY - 1) * Math.min(after, before));
    return other ? "another delay to" : "";
  }
}
