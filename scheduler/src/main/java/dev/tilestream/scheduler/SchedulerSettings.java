package dev.tilestream.scheduler;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * @param maxInFlight inferences under way at this source at once; more wait
 * @param maxQueued waiting inferences; more are refused
 * @param defaultDeadline of requests and models that name none
 * @param deployTimeout how long peers may take to deploy a plan
 * @param lateFactor an inference is late after this many predicted latencies, times those under way before it
 * @param lateFloor but never earlier than this
 * @param suspectFor how long plans avoid peers after an inference that used them was late
 */
public record SchedulerSettings(
    int maxInFlight, int maxQueued, Duration defaultDeadline, Duration deployTimeout, double lateFactor, Duration lateFloor, Duration suspectFor) {
  public static SchedulerSettings from(Config config) {
    Config c = config.getConfig("tilestream.scheduler");
    return new SchedulerSettings(
        c.getInt("max-in-flight"),
        c.getInt("max-queued"),
        c.getDuration("default-deadline"),
        c.getDuration("deploy-timeout"),
        c.getDouble("late-factor"),
        c.getDuration("late-floor"),
        c.getDuration("suspect-for"));
  }
}
