package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Power;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** What a simulated inference took: latency, traffic, energy and who did what when. */
public final class Simulation {
  final double[] tileStart;
  final double[] tileEnd;
  final double[] messageStart;
  final double[] messageEnd;
  final double[] busySeconds;
  final double[] transmitSeconds;
  final double[] receiveSeconds;
  final double[] channelSeconds;
  final long[] bytes;
  double latencySeconds;
  private final Workload work;
  private final Fleet fleet;
  private final double[] joules;

  Simulation(Workload work, Fleet fleet) {
    this.work = work;
    this.fleet = fleet;
    int devices = fleet.size();
    tileStart = new double[work.tiles];
    tileEnd = new double[work.tiles];
    messageStart = new double[work.messages()];
    messageEnd = new double[work.messages()];
    busySeconds = new double[devices];
    transmitSeconds = new double[devices];
    receiveSeconds = new double[devices];
    channelSeconds = new double[devices * devices];
    bytes = new long[devices * devices];
    joules = new double[devices];
  }

  /** Works out the energy once the times are known. */
  void settle() {
    for (int d = 0; d < joules.length; d++) {
      Power p = fleet.device(d).power();
      double idle = p.idleWatts();
      joules[d] =
          idle * latencySeconds
              + (p.computeWatts() - idle) * busySeconds[d]
              + (p.transmitWatts() - idle) * transmitSeconds[d]
              + (p.receiveWatts() - idle) * receiveSeconds[d];
    }
  }

  /** From the input's being at the source to the last row of the answer's being there. */
  public double latencySeconds() {
    return latencySeconds;
  }

  /** Tensor bytes that cross any link. */
  public long bytesOverAir() {
    return Arrays.stream(bytes).sum();
  }

  /** Tensor bytes from one device to another. */
  public long bytes(int from, int to) {
    return bytes[from * fleet.size() + to];
  }

  /** What the source draws until the answer is there. */
  public double sourceJoules() {
    return joules[Plan.SOURCE];
  }

  /** What {@code device} draws until the answer is there. */
  public double joules(int device) {
    return joules[device];
  }

  /** What all devices draw, those that only wait included. */
  public double fleetJoules() {
    return Arrays.stream(joules).sum();
  }

  /** Seconds that {@code device} computes. */
  public double busySeconds(int device) {
    return busySeconds[device];
  }

  /** What the busiest lane or channel has to do: a stream of such inferences has at least this between two answers. */
  public double bottleneckSeconds() {
    double lanes = Arrays.stream(busySeconds).max().orElse(0);
    return Math.max(lanes, Arrays.stream(channelSeconds).max().orElse(0));
  }

  /** When {@code tile} runs. */
  public double tileStartSeconds(int tile) {
    return tileStart[tile];
  }

  /** When {@code tile} is done. */
  public double tileEndSeconds(int tile) {
    return tileEnd[tile];
  }

  /**
   * One thing that happens.
   *
   * @param track a device, or {@code from > to} for a link
   * @param what stages and rows, or the rows in the air
   */
  public record Activity(String track, String what, double startSeconds, double endSeconds) {}

  /** Tiles, and rows that cross a link, by their start. */
  public List<Activity> timeline() {
    List<Activity> all = new ArrayList<>();
    for (Tile t : work.plan.tiles())
      all.add(new Activity(name(t.device()), stages(t) + " " + rows(t.outputs()), tileStart[t.id()], tileEnd[t.id()]));
    for (int m = 0; m < messageStart.length; m++)
      if (work.sender(m) != work.receiver(m))
        all.add(new Activity(link(m), rows(List.of(work.message(m).rows())), messageStart[m], messageEnd[m]));
    all.sort(Comparator.comparingDouble(Activity::startSeconds).thenComparing(Activity::track));
    return all;
  }

  private String link(int message) {
    return name(work.sender(message)) + " > " + name(work.receiver(message));
  }

  private String name(int device) {
    return fleet.device(device).device();
  }

  private static String stages(Tile t) {
    int first = t.stages().get(0);
    int last = t.stages().get(t.stages().size() - 1);
    return first == last ? "stage " + first : "stages %d-%d".formatted(first, last);
  }

  private String rows(List<Rows> outputs) {
    return String.join(", ", outputs.stream().map(r -> work.graph.tensor(r.tensor()).name() + r.span()).toList());
  }
}
