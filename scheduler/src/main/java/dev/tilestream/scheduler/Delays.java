package dev.tilestream.scheduler;

import dev.tilestream.graph.Rows;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.simulate.Timetable;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Which devices of an inference are late. What comes late itself may hold up what comes after it: the next call is due as long after the
 * one before as planned, or at its planned time, whichever is later. Instants are nanoseconds of one clock. Not thread-safe.
 */
final class Delays {
  private final Timetable timetable;
  private final List<String> devices;
  private final long startNanos;
  private final List<Margin> margins;
  private final long floorNanos;
  private final int[] next;
  private final long[] progressNanos;

  /**
   * What a call of one device may take longer, by how sure its link is.
   *
   * @param share of the pause before it
   * @param seconds besides
   */
  record Margin(double share, double seconds) {
    private static final double DEVIATIONS = 2;
    private static final double LEAST_SHARE = 0.2;
    private static final double MOST_SHARE = 1;
    private static final double MOST_SECONDS = 0.1;

    static Margin of(LinkEstimate link) {
      double share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, DEVIATIONS * link.rateDeviation()));
      return new Margin(share, Math.min(MOST_SECONDS, DEVIATIONS * link.delayDeviationSeconds()));
    }
  }

  /**
   * @param devices names, in the timetable's order
   * @param margins likewise
   * @param floorNanos how late anything must be to count, besides
   */
  Delays(Timetable timetable, List<String> devices, List<Margin> margins, long startNanos, long floorNanos) {
    this.timetable = timetable;
    this.devices = List.copyOf(devices);
    this.margins = List.copyOf(margins);
    this.startNanos = startNanos;
    this.floorNanos = floorNanos;
    next = new int[devices.size()];
    progressNanos = new long[devices.size()];
    Arrays.fill(progressNanos, startNanos);
  }

  /**
   * To be asked often: what is met is noticed then.
   *
   * @param back whether these rows have come back
   * @param delivered bytes that have reached a device
   * @param stretch how much longer than planned everything takes: other inferences under way, a plan known to be slower
   */
  Set<String> late(Predicate<Rows> back, ToLongFunction<String> delivered, double stretch, long now) {
    Set<String> late = new HashSet<>();
    for (int d = 0; d < next.length; d++) if (late(d, back, delivered, stretch, now)) late.add(devices.get(d));
    return late;
  }

  private boolean late(int device, Predicate<Rows> back, ToLongFunction<String> delivered, double stretch, long now) {
    List<Timetable.Call> calls = timetable.calls().get(device);
    for (; next[device] < calls.size(); next[device]++) {
      Timetable.Call call = calls.get(next[device]);
      double before = next[device] == 0 ? 0 : calls.get(next[device] - 1).seconds();
      boolean met = call.back().map(back::test).orElseGet(() -> delivered.applyAsLong(devices.get(device)) >= call.delivered());
      if (!met) return now - due(device, call.seconds(), before, stretch) > 0;
      progressNanos[device] = now;
    }
    return false;
  }

  private long due(int device, double seconds, double before, double stretch) {
    long pause = (long) ((seconds - before) * stretch * 1e9);
    long planned = startNanos + (long) (seconds * stretch * 1e9);
    Margin margin = margins.get(device);
    long slack = (long) (margin.share * pause + margin.seconds * 1e9);
    return Math.max(planned, progressNanos[device] + pause) + slack + floorNanos;
  }
}
