package dev.tilestream.scheduler;

import com.typesafe.config.Config;
import dev.tilestream.graph.Horizon;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanChoice;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.profile.Medium;
import java.time.Duration;

/**
 * @param maxInFlight inferences under way at this source at once; more wait
 * @param maxQueued waiting inferences; more are refused
 * @param defaultDeadline of requests and models that name none
 * @param deployTimeout how long peers may take to deploy a plan
 * @param lateFactor an inference is late altogether after this many predicted latencies, times those under way before it
 * @param lateFloor how late anything must be to count
 * @param lateShare the same as a share of what the source takes alone, where that is less
 * @param lateCold the same for the first inferences of a deployment, which are cold
 * @param silentAfter what a device owes is computed at the source when it has answered nothing for so long
 * @param hopeless an inference does not begin when this many promised latencies are longer than what is left until its deadline
 * @param maxInstances models times input shapes that are kept ready; beyond it the one unused for longest goes
 * @param retryRefused how long plans leave out a device that refused a deployment or did not answer
 * @param suspectFor how long plans avoid peers after an inference that used them was late
 * @param doubtFor how long after that what others owe is computed ahead of need
 * @param aheadFactor within how many times its own latency the source is to end such an inference
 * @param maxPlans deployments of a model instance, and goals that have plans; beyond it the one unused for longest goes
 * @param planMemory bytes that weights may take for plans that are deployed ahead of need; each plan may hold them once
 * @param replanPause how long plans are kept at least before drift makes them anew; devices that come or go do so at once
 * @param recordMemory silence of a plan after which it is measured anew, the first time
 * @param planning how far searches for plans go; objective and halo are the requests'
 * @param choice when another plan takes over
 * @param medium what plans take to be one air: each link by itself, what one device sends, or all together
 */
public record SchedulerSettings(
    int maxInFlight, int maxQueued, Duration defaultDeadline, Duration deployTimeout, double lateFactor, Duration lateFloor, double lateShare,
    Duration lateCold, Duration silentAfter, Duration suspectFor, Duration doubtFor, double aheadFactor, double hopeless,
    int maxInstances, Duration retryRefused, int maxPlans, long planMemory, Duration replanPause, Duration recordMemory,
    PlanOptions planning, PlanChoice.Rules choice, Medium medium) {
  public SchedulerSettings {
    atLeastOne("max-in-flight", maxInFlight);
    atLeastOne("max-queued", maxQueued);
    atLeastOne("max-instances", maxInstances);
    if (!(hopeless >= 0)) throw new IllegalArgumentException("tilestream.scheduler.hopeless: %s (expected: not negative)".formatted(hopeless));
    if (maxPlans < 2) throw new IllegalArgumentException("tilestream.scheduler.max-plans: %d (expected: at least 2)".formatted(maxPlans));
    if (!(aheadFactor >= 1))
      throw new IllegalArgumentException("tilestream.scheduler.ahead-factor: %s (expected: at least 1)".formatted(aheadFactor));
    if (!(lateShare > 0))
      throw new IllegalArgumentException("tilestream.scheduler.late-share: %s (expected: above 0)".formatted(lateShare));
    if (!(lateFactor >= 1))
      throw new IllegalArgumentException("tilestream.scheduler.late-factor: %s (expected: at least 1)".formatted(lateFactor));
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) throw new IllegalArgumentException("tilestream.scheduler.%s: %d (expected: at least 1)".formatted(name, value));
  }

  public static SchedulerSettings from(Config config) {
    Config c = config.getConfig("tilestream.scheduler");
    return new SchedulerSettings(
        c.getInt("max-in-flight"),
        c.getInt("max-queued"),
        c.getDuration("default-deadline"),
        c.getDuration("deploy-timeout"),
        c.getDouble("late-factor"),
        c.getDuration("late-floor"),
        c.getDouble("late-share"),
        c.getDuration("late-cold"),
        c.getDuration("silent-after"),
        c.getDuration("suspect-for"),
        c.getDuration("doubt-for"),
        c.getDouble("ahead-factor"),
        c.getDouble("hopeless"),
        c.getInt("max-instances"),
        c.getDuration("retry-refused"),
        c.getInt("max-plans"),
        c.getBytes("plan-memory"),
        c.getDuration("replan-pause"),
        c.getDuration("record-memory"),
        planning(c.getConfig("planning")),
        choice(c.getConfig("choice")),
        Medium.of(c.getString("medium")));
  }

  private static PlanOptions planning(Config c) {
    return new PlanOptions(c.getInt("chunks"), c.getInt("effort"), c.getDouble("margin"), Objective.LATENCY, Horizon.UNLIMITED);
  }

  private static PlanChoice.Rules choice(Config c) {
    return new PlanChoice.Rules(
        c.getDouble("gain"), c.getDouble("measured-gain"), c.getDuration("dwell").toNanos(), c.getDouble("doubt"), c.getInt("trials"),
        c.getInt("try-every"), c.getInt("plans-tried"));
  }
}
