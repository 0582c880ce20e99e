package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Placements.Flow;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Power;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A quick clock for placements, for searches that look at thousands: units in the order of the graph, each when its device and its inputs
 * are there; tensors whole, one behind the other on their channel. The simulator has the last word. Not thread-safe.
 */
final class PlacementClock {
  private final Placements placements;
  private final Fleet fleet;
  private final List<List<Flow>> made = new ArrayList<>();
  private final int[] channel;
  private final double[] lane;
  private final double[] busy;
  private final double[] channelFree;
  private final double[] ready;
  /** By device, of what is being sent: who needs it, and when it is there. */
  private final boolean[] wanted;
  private final double[] there;
  private double transmit;
  private double receive;
  private double seconds;

  PlacementClock(Placements placements) {
    this.placements = placements;
    fleet = placements.search().fleet();
    int n = fleet.size();
    for (int u = 0; u <= placements.units(); u++) made.add(new ArrayList<>());
    for (Flow f : placements.flows()) made.get(f.maker() + 1).add(f);
    channel = new int[n * n];
    for (int i = 0; i < channel.length; i++)
      channel[i] = switch (fleet.medium()) {
        case PER_LINK -> i;
        case PER_SENDER -> i / n;
        case SHARED -> 0;
      };
    wanted = new boolean[n];
    there = new double[n];
    lane = new double[n];
    busy = new double[n];
    channelFree = new double[n * n];
    ready = new double[placements.units()];
  }

  /** Runs {@code device}, a device for each unit; {@link #seconds} and {@link #joules} are of the last run. */
  void run(int[] device) {
    Arrays.fill(busy, 0);
    Arrays.fill(channelFree, 0);
    Arrays.fill(ready, 0);
    for (int d = 0; d < lane.length; d++) lane[d] = fleet.waitSeconds(d);
    transmit = receive = seconds = 0;
    send(0, Plan.SOURCE, 0, device);
    for (int u = 0; u < device.length; u++) {
      int d = device[u];
      double took = placements.seconds(d, u);
      lane[d] = Math.max(lane[d], ready[u]) + took;
      busy[d] += took;
      send(u + 1, d, lane[d], device);
    }
  }

  /** What is made at {@code at} goes to every other device that needs it, once. */
  private void send(int maker, int from, double at, int[] device) {
    for (Flow f : made.get(maker)) {
      Arrays.fill(wanted, false);
      for (int r : f.readers()) wanted[device[r]] = true;
      if (f.answer()) wanted[Plan.SOURCE] = true;
      for (int to = 0; to < wanted.length; to++) if (wanted[to]) there[to] = from == to ? at : cross(from, to, f.bytes(), at);
      for (int r : f.readers()) ready[r] = Math.max(ready[r], there[device[r]]);
      if (f.answer()) seconds = Math.max(seconds, there[Plan.SOURCE]);
    }
  }

  private double cross(int from, int to, long bytes, double at) {
    int ch = channel[from * lane.length + to];
    double delay = fleet.link(from, to).delaySeconds();
    double took = placements.send(from, to, bytes) - delay;
    channelFree[ch] = Math.max(channelFree[ch], at) + took;
    if (from == Plan.SOURCE) transmit += took;
    if (to == Plan.SOURCE) receive += took;
    return channelFree[ch] + delay;
  }

  double seconds() {
    return seconds;
  }

  /** What the source draws. */
  double joules() {
    Power p = fleet.device(Plan.SOURCE).power();
    double idle = p.idleWatts();
    return idle * seconds + (p.computeWatts() - idle) * busy[Plan.SOURCE] + (p.transmitWatts() - idle) * transmit
        + (p.receiveWatts() - idle) * receive;
  }
}
